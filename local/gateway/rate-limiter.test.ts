import { describe, expect, it } from "vitest";
import { GatewayProblem } from "./problem.ts";
import { makeRateLimiter, type RateLimitSubject } from "./rate-limiter.ts";

const config = { minute: 2, policy: "local", limit_by: "credential" } as const;
const ada: RateLimitSubject = { routeName: "tenant", credentialId: "ada", ip: "127.0.0.1" };

describe("counting requests per clock minute", () => {
  it("refuses what is over the limit, until the next minute", () => {
    let now = 60_000 * 10 + 15_000;
    const count = makeRateLimiter(() => now);
    expect(count(config, ada)).toMatchObject({ "RateLimit-Remaining": "1", "RateLimit-Reset": "45" });
    expect(count(config, ada)).toMatchObject({ "RateLimit-Remaining": "0" });
    expect(() => count(config, ada)).toThrow(GatewayProblem);
    now += 44_999;
    expect(() => count(config, ada)).toThrow(GatewayProblem);
    now += 1;
    expect(count(config, ada)).toMatchObject({ "RateLimit-Remaining": "1" });
  });

  it("counts every credential and every route for itself", () => {
    const count = makeRateLimiter(() => 0);
    const one = { ...config, minute: 1 };
    const others = [ada, { ...ada, credentialId: "ben" }, { ...ada, routeName: "admin" }];
    for (const subject of others) expect(count(one, subject)).toMatchObject({ "RateLimit-Remaining": "0" });
    for (const subject of others) expect(() => count(one, subject)).toThrow(GatewayProblem);
  });

  it("counts by address where there is no credential, and never mixes the two", () => {
    const count = makeRateLimiter(() => 0);
    const one = { ...config, minute: 1 };
    count(one, { ...ada, credentialId: undefined });
    expect(() => count(one, { ...ada, credentialId: undefined })).toThrow(GatewayProblem);
    expect(count(one, { ...ada, credentialId: "127.0.0.1" })).toMatchObject({ "RateLimit-Remaining": "0" });
    expect(() => count({ ...one, limit_by: "ip" }, { ...ada, credentialId: "ben" })).toThrow(GatewayProblem);
  });
});
