import { describe, expect, it } from "vitest";
import { FaultRules, matches, type Operation, type StoredFaultRule } from "./fault-rules.ts";

const now = new Date("2030-01-01T00:00:00.000Z");
const rule = (over: Partial<StoredFaultRule>): StoredFaultRule => ({
  match: { operation: "deploy" },
  fault: { kind: "hang" },
  fired: 0,
  ...over,
});

describe("matches", () => {
  it.each<{ what: string; given: StoredFaultRule; asked: readonly [Operation, ...string[]]; expected: boolean }>([
    { what: "its operation", given: rule({}), asked: ["deploy"], expected: true },
    { what: "another operation", given: rule({}), asked: ["get"], expected: false },
    { what: "every request", given: rule({ match: {} }), asked: ["list"], expected: true },
    { what: "every request, but not their tokens", given: rule({ match: {} }), asked: ["token"], expected: false },
    {
      what: "a name",
      given: rule({ match: { instanceName: "stack-1" } }),
      asked: ["get", "deploy-1", "stack-1"],
      expected: true,
    },
    {
      what: "the start of a longer name",
      given: rule({ match: { instanceName: "stack-1" } }),
      asked: ["get", "stack-12"],
      expected: false,
    },
    { what: "a glob", given: rule({ match: { instanceName: "st*-1*" } }), asked: ["get", "STACK-12"], expected: true },
    {
      what: "a glob's other characters as they are",
      given: rule({ match: { instanceName: "s.*" } }),
      asked: ["get", "stack"],
      expected: false,
    },
    { what: "no name", given: rule({ match: { instanceName: "*" } }), asked: ["get"], expected: false },
    { what: "one that is used up", given: rule({ times: 2, fired: 2 }), asked: ["deploy"], expected: false },
    { what: "one that has a time left", given: rule({ times: 2, fired: 1 }), asked: ["deploy"], expected: true },
    { what: "one at its end", given: rule({ expiresAt: now.toISOString() }), asked: ["deploy"], expected: false },
    {
      what: "one before its end",
      given: rule({ expiresAt: "2030-01-01T00:00:00.001Z" }),
      asked: ["deploy"],
      expected: true,
    },
  ])("$what: $expected", ({ given, asked: [operation, ...names], expected }) => {
    expect(matches(given, operation, { names, now })).toBe(expected);
  });
});

describe("FaultRules", () => {
  it.each([
    ["an unknown fault", [{ fault: { kind: "meteor" } }]],
    ["an unknown member", [{ fault: { kind: "hang", forever: true } }]],
    ["an unknown operation", [{ match: { operation: "put" }, fault: { kind: "hang" } }]],
    ["what a deployment does, of every request", [{ fault: { kind: "slow-steps", milliseconds: 5 } }]],
    [
      "what a deployment does, of a deletion",
      [{ match: { operation: "delete" }, fault: { kind: "failed-step", step: "start-server" } }],
    ],
    ["no times", [{ times: 0, fault: { kind: "hang" } }]],
    ["an endless delay", [{ fault: { kind: "slow", milliseconds: 1e9 } }]],
    ["what is not a list", { fault: { kind: "hang" } }],
  ])("refuses %s", (_, rules) => {
    expect(FaultRules.safeParse(rules).success).toBe(false);
  });

  it("fills what is left out", () => {
    expect(
      FaultRules.parse([
        { fault: { kind: "server-error" } },
        { match: { operation: "deploy" }, fault: { kind: "failed-step", step: "start-server" } },
      ]),
    ).toMatchObject([
      { match: {}, fault: { kind: "server-error", status: 500, body: "arm", when: "before" } },
      { fault: { kind: "failed-step", step: "start-server", when: "after", code: "ResourceDeploymentFailure" } },
    ]);
  });
});
