import { expect, it } from "vitest";
import { coalesced } from "./coalesce.ts";

it("runs one at a time, and once more for everybody who asked meanwhile", async () => {
  const begun: (() => void)[] = [];
  const pauses: (() => void)[] = [];
  const waitIn = (places: (() => void)[]): Promise<void> => new Promise((resolve) => void places.push(resolve));
  const ask = coalesced(
    () => waitIn(begun),
    () => waitIn(pauses),
  );
  ask();
  ask();
  ask();
  expect(begun).toHaveLength(1);
  begun[0]?.();
  await expect.poll(() => pauses.length).toBe(1);
  ask();
  expect(begun).toHaveLength(1);
  pauses[0]?.();
  await expect.poll(() => begun.length).toBe(2);
  begun[1]?.();
  await expect.poll(() => pauses.length).toBe(2);
  pauses[1]?.();
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toHaveLength(2);
  ask();
  expect(begun).toHaveLength(3);
});
