import { afterEach, describe, expect, it, vi } from "vitest";
import type { ProbeChild } from "./probe-child.ts";
import { makeProberRoom } from "./prober-room.ts";

const aChild = (isBusy = false) => {
  const over = Promise.withResolvers<undefined>();
  let isKilled = false;
  const child: ProbeChild = {
    isUsable: () => !isKilled,
    isResting: () => !isBusy && !isKilled,
    ready: Promise.resolve(),
    ended: over.promise,
    kill() {
      isKilled = true;
      over.resolve(undefined);
    },
    ask: () => Promise.reject(new Error("not asked in this test")),
  };
  return child;
};

describe("the room for probers", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is waited for, but not for ever", async () => {
    vi.useFakeTimers();
    const run = makeProberRoom({ childrenMax: 1, nowMilliseconds: () => 0 }).enter();
    await run.start(() => aChild(true));
    const refused = expect(run.start(() => aChild())).rejects.toThrow("all probers are busy");
    await vi.advanceTimersByTimeAsync(5_000);
    await refused;
    await run.end();
  });

  it("gives a run with its share what others have not used for long, and nothing else of theirs", async () => {
    let now = 0;
    const room = makeProberRoom({ childrenMax: 3, nowMilliseconds: () => now });
    const [many, few] = [room.enter(), room.enter()];
    const forgotten = await few.start(() => aChild());
    await many.start(() => aChild(true));
    await many.start(() => aChild(true));
    const third = many.start(() => aChild(true));
    now = 4_999;
    await few.use(forgotten, Promise.resolve());
    expect(few.isUsable(forgotten)).toBe(true);
    now += 5_000;
    // Something of the room changes: it looks again.
    await few.use(aChild(), Promise.resolve());
    const late = await third;
    expect(few.isUsable(forgotten)).toBe(false);
    expect(many.isUsable(late)).toBe(true);
    await Promise.all([many.end(), few.end()]);
  });

  it("keeps the place free of what cannot be started", async () => {
    const run = makeProberRoom({ childrenMax: 1, nowMilliseconds: () => 0 }).enter();
    const fail = (): ProbeChild => {
      throw new Error("no memory");
    };
    await expect(run.start(fail)).rejects.toThrow("cannot be started");
    const child = await run.start(() => aChild());
    expect(run.isUsable(child)).toBe(true);
    await run.end();
    expect(run.isUsable(child)).toBe(false);
  });
});
