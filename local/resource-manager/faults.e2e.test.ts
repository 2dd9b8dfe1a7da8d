import { describe, expect, it } from "vitest";
import { findPocketBase } from "../pocketbase/find-pocketbase.ts";
import { waitUntil } from "../process/wait-until.ts";
import { firedFaults, seen, setFaults } from "./test-faults.ts";
import { collect, quickly, useFleet } from "./test-fleet.ts";
import { armClients, deploymentOf, groupName } from "./test-manager.ts";

const { path } = await findPocketBase({ onProgress: (line) => console.error(line) });
const fleet = useFleet(path);
const name = "deploy-stack-1";
const body = deploymentOf("stack-1", "correct-horse-battery-staple");
const ask = (rules: unknown): Promise<void> => setFaults(fleet.manager().url, rules);
const deployments = () => fleet.arm().deployments.deployments;
const resources = () => fleet.arm().resources.resources;
const put = () => deployments().createOrUpdate(groupName, name, body, quickly);
const find = () => deployments().get(groupName, name);
const stateOf = async (): Promise<string | undefined> => (await find()).properties?.provisioningState;
const ended = async (): Promise<boolean> => !["Accepted", "Running"].includes((await stateOf()) ?? "");
const list = () => collect(resources().listByResourceGroup(groupName, { filter: "tagName eq 'kombify-instance'" }));

describe("an answer", () => {
  const error = (fault: object, expected: string) => ({ fault: { kind: "server-error", ...fault }, expected });
  it.each([
    { fault: { kind: "throttled" }, expected: "429 SubscriptionRequestsThrottled" },
    error({}, "500 InternalServerError"),
    error({ status: 502, body: "none" }, "502 -"),
    error({ status: 502, body: "html" }, "502 -"),
    error({ status: 503 }, "503 ServiceUnavailable"),
    error({ status: 504 }, "504 GatewayTimeout"),
    { fault: { kind: "conflict", code: "DeploymentActive" }, expected: "409 DeploymentActive" },
    { fault: { kind: "locked" }, expected: "409 ScopeLocked" },
    { fault: { kind: "expired-token" }, expected: "401 ExpiredAuthenticationToken" },
    { fault: { kind: "reset" }, expected: "- ECONNRESET" },
    { fault: { kind: "garbage", body: "truncated-json" }, expected: "200 PARSE_ERROR" },
  ])("can be $fault: every client sees $expected, once", async ({ fault, expected }) => {
    const calls = [find, () => resources().listByResourceGroup(groupName).next(), () => put().submitted()];
    for (const [index, operation] of ["get", "list", "deploy"].entries()) {
      await ask([{ match: { operation }, times: 1, fault }]);
      expect(await seen(calls[index]!()), operation).toBe(expected);
      expect(await firedFaults(fleet.manager().url)).toEqual([1]);
    }
  });
});
