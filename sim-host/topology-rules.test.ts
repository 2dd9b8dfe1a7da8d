import { expect, test } from "vitest";
import { aHost, aStanding } from "../tests/support/sim-host.ts";
import { topologyRules } from "./topology-rules.ts";

test("who asks is warned of what is allowed and hardly meant", () => {
  const { services } = aHost({ rules: topologyRules(["toolbox"]) });
  expect(services.assess(aStanding("acme"), "name: lab\nnodes: { a: { image: toolbox } }\n")).toMatchObject({
    isValid: true,
    findings: [{ rule: "topology/node-alone", severity: "warning", line: 2 }],
  });
});
