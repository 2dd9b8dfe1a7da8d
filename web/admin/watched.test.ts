import { expect, test } from "vitest";
import { changesBetween } from "./watched.ts";
import { pollSeconds } from "./poll-pace.ts";

const fleet = (...states: readonly string[]) =>
  new Map(states.map((state, index) => [`i-${index}`, { name: `Instance ${index}`, state }]));

test("says only what changed, and what is new", () => {
  expect(changesBetween(fleet("healthy", "healthy"), fleet("healthy", "stale"))).toBe("Instance 1: stale.");
  expect(changesBetween(fleet("healthy"), fleet("healthy", "provisioning"))).toBe("Instance 1: provisioning.");
});

test("says nothing of what stayed or went", () => {
  expect(changesBetween(fleet("healthy", "stale"), fleet("healthy"))).toBe("");
});

test("counts what would be too much to listen to", () => {
  const before = fleet(...Array.from({ length: 6 }, () => "healthy"));
  const after = fleet(...Array.from({ length: 6 }, () => "offline"));
  expect(changesBetween(before, after)).toBe(
    "Instance 0: offline. Instance 1: offline. Instance 2: offline. Instance 3: offline. And 2 more changes.",
  );
});

test("asks every three seconds, and less and less often after failures, at least once a minute", () => {
  expect([0, 1, 2, 3, 4, 5, 60].map(pollSeconds)).toEqual([3, 6, 12, 24, 48, 60, 60]);
});
