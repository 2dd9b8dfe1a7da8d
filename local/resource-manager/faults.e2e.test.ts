import { describe, expect, it } from "vitest";
import { findPocketBase } from "../pocketbase/find-pocketbase.ts";
import { waitUntil } from "../process/wait-until.ts";
import { firedFaults, seen, setFaults } from "./test-faults.ts";
import { collect, quickly, useFleet } from "./test-fleet.ts";
import { acceptedToken, deploymentOf, groupName } from "./test-manager.ts";

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
  ])("can be $fault: every client sees $expected, once", async ({ fault, expected }) => {
    const calls = [find, () => resources().listByResourceGroup(groupName).next(), () => put().submitted()];
    for (const [index, operation] of ["get", "list", "deploy"].entries()) {
      await ask([{ match: { operation }, times: 1, fault }]);
      expect(await seen(calls[index]!()), operation).toBe(expected);
      expect(await firedFaults(fleet.manager().url)).toEqual([1]);
    }
  });
});

describe("an answer to a list or a deployment", () => {
  it("can end in the middle, which is an error, or be a page of HTML, which the client takes for nothing", async () => {
    await ask([{ fault: { kind: "garbage", body: "truncated-json" } }]);
    expect(await seen(list())).toBe("200 PARSE_ERROR");
    await ask([{ fault: { kind: "garbage", body: "html" } }]);
    // A caller that takes this for "all is gone" leaves resources behind.
    expect(await list()).toEqual([]);
    expect(await find()).toMatchObject({ id: undefined, properties: undefined });
  });

  it("can never come: the caller's own deadline ends it", async () => {
    await ask([{ fault: { kind: "hang" } }]);
    const call = deployments().get(groupName, name, { abortSignal: AbortSignal.timeout(300) });
    await expect(call).rejects.toThrow(/abort/i);
  });

  it("can be late, and ask for more patience", async () => {
    await ask([{ match: { operation: "deploy" }, fault: { kind: "slow", milliseconds: 300, retryAfterSeconds: 7 } }]);
    const begun = performance.now();
    const headers: unknown[] = [];
    const onResponse = ({ headers: answered }: { headers: { get(header: string): string | undefined } }): void => {
      headers.push(answered.get("retry-after"));
    };
    await deployments().createOrUpdate(groupName, name, body, { onResponse }).submitted();
    expect(performance.now() - begun).toBeGreaterThan(290);
    expect(headers).toEqual(["7"]);
  });

  it("says with a 429 how long to wait and what has run out", async () => {
    await ask([{ match: { operation: "get" }, fault: { kind: "throttled", retryAfterSeconds: 17 } }]);
    const id = `/subscriptions/s/resourcegroups/g/providers/Microsoft.Resources/deployments/${name}`;
    const url = `${fleet.manager().url}${id}?api-version=2025-04-01`;
    const { headers } = await fetch(url, { headers: { authorization: `Bearer ${acceptedToken}` } });
    expect(headers.get("retry-after")).toBe("17");
    expect(headers.get("x-ms-ratelimit-remaining-subscription-reads")).toBe("0");
  });

  it("can be lost after the deployment was begun: the write happened all the same", async () => {
    await ask([{ match: { operation: "deploy", instanceName: "stack-*" }, fault: { kind: "reset", when: "after" } }]);
    expect(await seen(put().submitted())).toBe("- ECONNRESET");
    expect(await waitUntil(async () => (await stateOf()) === "Succeeded", 20_000)).toBe(true);
    expect(fleet.servers("stack-1")).toHaveLength(1);
  });

  it("can fail for the whole manager for a while, which ends by itself; /dev stays", async () => {
    await ask([{ forSeconds: 1, fault: { kind: "reset" } }]);
    expect(await seen(find())).toBe("- ECONNRESET");
    expect((await fetch(`${fleet.manager().url}/dev/instances`)).status).toBe(200);
    expect(await waitUntil(async () => (await seen(find())) === "404 DeploymentNotFound", 3000)).toBe(true);
  });

  it("of an operation that is polled can be throttled, while the deployment goes on", async () => {
    await ask([{ match: { operation: "poll" }, times: 1, fault: { kind: "throttled" } }]);
    expect(await seen(put())).toBe("429 SubscriptionRequestsThrottled");
    expect(await waitUntil(async () => (await stateOf()) === "Succeeded", 20_000)).toBe(true);
  });

  it("can refuse one instance and not another", async () => {
    await ask([{ match: { instanceName: "stack-2" }, fault: { kind: "conflict" } }]);
    const other = deployments().createOrUpdate(groupName, "deploy-2", deploymentOf("stack-2", "a-password"), quickly);
    expect(await seen(other)).toBe("409 Conflict");
    expect(await seen(put())).toBe("no error");
  });
});

describe("the rules", () => {
  it("are for holders of the token, and are refused as a whole when one is wrong", async () => {
    expect((await fetch(`${fleet.manager().url}/dev/faults`)).status).toBe(401);
    await ask([{ fault: { kind: "locked" } }]);
    await expect(ask([{ fault: { kind: "hang" } }, { fault: { kind: "meteor" } }])).rejects.toThrow("1.fault");
    expect(await firedFaults(fleet.manager().url)).toEqual([0]);
  });

  it("outlive a kill of the manager, with what they have done, until they are deleted", async () => {
    await ask([{ times: 2, fault: { kind: "locked" } }]);
    expect(await seen(find())).toBe("409 ScopeLocked");
    await fleet.restart("SIGKILL");
    expect(await firedFaults(fleet.manager().url)).toEqual([1]);
    expect(await seen(find())).toBe("409 ScopeLocked");
    expect(await seen(find())).toBe("404 DeploymentNotFound");
    const headers = { authorization: `Bearer ${acceptedToken}` };
    expect((await fetch(`${fleet.manager().url}/dev/faults`, { method: "DELETE", headers })).status).toBe(204);
    expect(await firedFaults(fleet.manager().url)).toEqual([]);
  });
});
