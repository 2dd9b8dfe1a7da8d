import { expect, it } from "vitest";
import { pollDelaySeconds } from "./poll.ts";

it("asks every two seconds, then less often, and ends after some twenty minutes", () => {
  const delays: number[] = [];
  for (let count = 0, delay = pollDelaySeconds(0); delay !== undefined; delay = pollDelaySeconds(count)) {
    delays.push(delay);
    count += 1;
  }
  expect(delays.slice(0, 16)).toEqual(Array(16).fill(2));
  expect(delays).toEqual([...delays].sort((a, b) => a - b));
  expect(Math.max(...delays)).toBe(15);
  const minutes = delays.reduce((sum, delay) => sum + delay, 0) / 60;
  expect(minutes).toBeGreaterThan(15);
  expect(minutes).toBeLessThan(25);
});
