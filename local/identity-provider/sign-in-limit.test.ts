import { expect, it } from "vitest";

import { seededAccounts } from "./seed.ts";
import { makeSignInLimit } from "./sign-in-limit.ts";

const clockAt = (start: string) => {
  let milliseconds = Date.parse(start);
  return { now: () => new Date(milliseconds), passSeconds: (seconds: number) => (milliseconds += seconds * 1000) };
};
const ada = seededAccounts.find(({ email }) => email === "ada@acme.example");
const fail = (limit: ReturnType<typeof makeSignInLimit>, times: number): number[] =>
  Array.from({ length: times }, () => limit.begin(ada));

it("allows five attempts a minute, then tells how long to wait, and forgets", () => {
  const clock = clockAt("2026-01-01T00:00:00Z");
  const limit = makeSignInLimit(clock.now);
  expect(fail(limit, 6)).toEqual([0, 0, 0, 0, 0, 60]);
  clock.passSeconds(59);
  expect(limit.begin(ada)).toBe(1);
  clock.passSeconds(1);
  expect(limit.begin(ada)).toBe(0);
});

it("starts afresh after a good attempt", () => {
  const limit = makeSignInLimit(clockAt("2026-01-01T00:00:00Z").now);
  fail(limit, 4);
  if (ada !== undefined) limit.succeed(ada);
  expect(fail(limit, 6)).toEqual([0, 0, 0, 0, 0, 60]);
});

it("counts all unknown addresses together, apart from known people", () => {
  const limit = makeSignInLimit(clockAt("2026-01-01T00:00:00Z").now);
  for (let attempt = 0; attempt < 5; attempt += 1) limit.begin(undefined);
  expect(limit.begin(undefined)).toBe(60);
  expect(limit.begin(ada)).toBe(0);
});
