import type { HealthReport } from "../shared/health/report.ts";
import { afterReport, newWatch } from "../shared/health/watch.ts";
import type { Watch } from "../shared/health/watch.ts";
import type { Pair } from "./harness.ts";

const reportsPerRound = 100_000;
const fleetSize = 200;
const start = Date.UTC(2026, 0, 1);

/** Reports of a whole fleet, one second apart per instance; one in ten is not healthy, so states change all the time. */
const reports = Array.from({ length: reportsPerRound }, (_, index): HealthReport => {
  const timestamp = new Date(start + Math.floor(index / fleetSize) * 1000).toISOString();
  const status = index % 10 === 0 ? "unhealthy" : "healthy";
  const metrics = { cpuPercent: index % 100, memoryPercent: 50, tenantCount: index % 50 };
  return { instanceId: `stack-westeurope-${index % fleetSize}`, timestamp, status, metrics };
});

const begin = new Date(start - 1000).toISOString();

/** The rules alone: every report is judged on its instance's state as the last one left it. */
const judgeAll = (): number => {
  const fleet = Array.from({ length: fleetSize }, (_, index) => newWatch(`stack-westeurope-${index}`, begin));
  const started = performance.now();
  for (const [index, report] of reports.entries()) {
    const watch: Watch | undefined = fleet[index % fleetSize];
    if (watch !== undefined) fleet[index % fleetSize] = afterReport(watch, report, report.timestamp);
  }
  const milliseconds = performance.now() - started;
  if (fleet.some(({ report }) => report?.timestamp !== reports.at(-1)?.timestamp))
    throw new Error("Reports were lost.");
  return milliseconds;
};

/** 100,000 reports against a second: at most 1.0 means at least 100,000 reports a second on one core. */
export const healthRules = (): Pair => ({
  name: "Health rules, 100,000 reports",
  bound: { kind: "ratio", max: 1 },
  measured: "judging them",
  baseline: "one second",
  rounds: 9,
  warmUp: 2,
  open: () =>
    Promise.resolve({
      measure: () => Promise.resolve(judgeAll()),
      compare: () => Promise.resolve(1_000),
      close: () => Promise.resolve(),
    }),
});
