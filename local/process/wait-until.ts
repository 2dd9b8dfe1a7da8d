import { setTimeout as delay } from "node:timers/promises";

/** Asks again every `intervalMilliseconds` until the answer is true. Answers false when the time is over first. */
export const waitUntil = async (
  condition: () => boolean | Promise<boolean>,
  timeoutMilliseconds: number,
  intervalMilliseconds = 25,
): Promise<boolean> => {
  const deadline = performance.now() + timeoutMilliseconds;
  for (;;) {
    if (await condition()) return true;
    if (performance.now() >= deadline) return false;
    await delay(intervalMilliseconds);
  }
};
