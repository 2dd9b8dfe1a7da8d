import type { Clock } from "../kernel/clock.ts";

/** One dependency's check: resolves when it works, rejects when not. */
export type Check = () => Promise<void>;

export interface Health {
  readonly status: "healthy" | "degraded";
  readonly version: string;
  /** ISO 8601 UTC. */
  readonly timestamp: string;
  readonly checks: Readonly<Record<string, "ok" | "failed">>;
}

export interface CheckHealthDeps {
  readonly version: string;
  readonly clock: Clock;
  readonly checks: Readonly<Record<string, Check>>;
  /** Rejects after the longest time one check may take. */
  readonly timeout: () => Promise<never>;
}

export type CheckHealth = () => Promise<Health>;

/** Runs all checks side by side, each bounded in time; the shape is the founding document's (Task 1.4). */
export const makeCheckHealth =
  ({ version, clock, checks, timeout }: CheckHealthDeps): CheckHealth =>
  async () => {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => {
        const isOk = await Promise.race([check(), timeout()]).then(
          () => true,
          () => false,
        );
        return [name, isOk ? "ok" : "failed"] as const;
      }),
    );
    const status = results.every(([, result]) => result === "ok") ? "healthy" : "degraded";
    return { status, version, timestamp: clock().toISOString(), checks: Object.fromEntries(results) };
  };
