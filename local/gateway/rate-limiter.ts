import type { PluginConfig } from "./kong-document.ts";
import { GatewayProblem } from "./problem.ts";

const windowSeconds = 60;

export interface RateLimitSubject {
  readonly routeName: string;
  readonly credentialId: string | undefined;
  readonly ip: string;
}

/** Counts one request. @returns the RateLimit-* headers of the answer @throws GatewayProblem rate-limited */
export type CountRequest = (
  config: PluginConfig<"rate-limiting">,
  subject: RateLimitSubject,
) => Readonly<Record<string, string>>;

const rateHeaders = (limit: number, remaining: number, resetSeconds: number): Readonly<Record<string, string>> => ({
  "X-RateLimit-Limit-Minute": String(limit),
  "X-RateLimit-Remaining-Minute": String(remaining),
  "RateLimit-Limit": String(limit),
  "RateLimit-Remaining": String(remaining),
  "RateLimit-Reset": String(resetSeconds),
});

/** Kong's `local` policy: windows of one clock minute, counted per route and per credential (or address without one). */
export const makeRateLimiter = (nowMilliseconds: () => number): CountRequest => {
  let window = -1;
  let counts = new Map<string, number>();
  return ({ minute, limit_by: limitBy }, { routeName, credentialId, ip }) => {
    const seconds = Math.floor(nowMilliseconds() / 1000);
    const current = Math.floor(seconds / windowSeconds);
    if (current !== window) {
      window = current;
      counts = new Map();
    }
    const credential = limitBy === "credential" ? credentialId : undefined;
    const key = JSON.stringify([routeName, credential === undefined ? ["ip", ip] : ["credential", credential]]);
    const used = counts.get(key) ?? 0;
    const resetSeconds = windowSeconds - (seconds % windowSeconds);
    if (used >= minute) {
      const headers = { ...rateHeaders(minute, 0, resetSeconds), "Retry-After": String(resetSeconds) };
      throw new GatewayProblem("rate-limited", "Too many requests; try again later.", { headers });
    }
    counts.set(key, used + 1);
    return rateHeaders(minute, minute - used - 1, resetSeconds);
  };
};
