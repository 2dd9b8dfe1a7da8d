import { describe, expect, it } from "vitest";
import { cpuPercentBetween, readUsage } from "./usage.ts";

const at = (seconds: number) => `2026-12-01T09:31:${String(seconds).padStart(2, "0")}.5Z`;
const sample = (seconds: number, cpuNanoseconds: number) =>
  readUsage({ read: at(seconds), cpu_stats: { cpu_usage: { total_usage: cpuNanoseconds } } });

describe("what a node uses", () => {
  it.each([
    ["v1", { total_inactive_file: 1_048_576, inactive_file: 5 }],
    ["v2", { inactive_file: 1_048_576 }],
  ])("is read from cgroup %s without what the kernel would give back", (_version, stats) => {
    const answer = { read: at(1), memory_stats: { usage: 3_145_728, stats }, pids_stats: { current: 4 } };
    expect(readUsage(answer)).toStrictEqual({
      atMilliseconds: Date.parse(at(1)),
      cpuNanoseconds: 0,
      memoryMegabytes: 2,
      pids: 4,
    });
  });

  it("is nothing once it has ended", () => {
    const ended = readUsage({ read: "0001-01-01T00:00:00Z", cpu_stats: {}, memory_stats: {}, pids_stats: {} });
    expect(ended).toMatchObject({ cpuNanoseconds: 0, memoryMegabytes: 0, pids: 0 });
    expect(cpuPercentBetween(sample(1, 5e9), ended)).toBe(0);
  });

  it("is a share of one processor", () => {
    expect(cpuPercentBetween(sample(1, 1e9), sample(3, 2e9))).toBe(50);
    expect(cpuPercentBetween(sample(1, 1e9), sample(3, 4e9))).toBe(150);
    expect(cpuPercentBetween(sample(1, 9e9), sample(3, 1e9))).toBe(0);
    expect(cpuPercentBetween(sample(1, 1e9), sample(1, 2e9))).toBe(0);
  });
});
