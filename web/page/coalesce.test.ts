import { expect, it } from "vitest";
import { coalesced } from "./coalesce.ts";

it("runs one at a time, and once more for everybody who asked meanwhile", async () => {
  const begun: PromiseWithResolvers<void>[] = [];
  const pauses: PromiseWithResolvers<void>[] = [];
  const waitIn = (places: PromiseWithResolvers<void>[]): Promise<void> => {
    const place = Promise.withResolvers<void>();
    places.push(place);
    return place.promise;
  };
  const ask = coalesced(
    () => waitIn(begun),
    () => waitIn(pauses),
  );
  ask();
  ask();
  ask();
  expect(begun).toHaveLength(1);
  begun[0]?.resolve();
  await expect.poll(() => pauses.length).toBe(1);
  ask();
  expect(begun).toHaveLength(1);
  pauses[0]?.resolve();
  await expect.poll(() => begun.length).toBe(2);
  begun[1]?.resolve();
  await expect.poll(() => pauses.length).toBe(2);
  pauses[1]?.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toHaveLength(2);
  ask();
  expect(begun).toHaveLength(3);
});
