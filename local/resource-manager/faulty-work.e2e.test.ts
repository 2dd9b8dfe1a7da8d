import { describe, expect, it } from "vitest";
import { findPocketBase } from "../pocketbase/find-pocketbase.ts";
import { waitUntil } from "../process/wait-until.ts";
import { firedFaults, seen, setFaults } from "./test-faults.ts";
import { collect, quickly, useFleet } from "./test-fleet.ts";
import { deploymentOf, groupName } from "./test-manager.ts";

const { path } = await findPocketBase({ onProgress: (line) => console.error(line) });
const fleet = useFleet(path);
const name = "deploy-stack-1";
const apiVersion = "2024-03-01";
const body = deploymentOf("stack-1", "correct-horse-battery-staple");
const ask = (operation: string, fault: unknown, times?: number): Promise<void> =>
  setFaults(fleet.manager().url, [{ match: { operation, instanceName: "stack-1" }, fault, times }]);
const deployments = () => fleet.arm().deployments.deployments;
const resources = () => fleet.arm().resources.resources;
const put = () => deployments().createOrUpdate(groupName, name, body, quickly);
const stateOf = async (): Promise<string | undefined> =>
  (await deployments().get(groupName, name)).properties?.provisioningState;
const becomes = (state: string): Promise<boolean> => waitUntil(async () => (await stateOf()) === state, 20_000);
const errorOf = async () => (await deployments().get(groupName, name)).properties?.error;
const tagged = () => {
  const filter = "tagName eq 'kombify-instance' and tagValue eq 'stack-1'";
  return collect(resources().listByResourceGroup(groupName, { filter, expand: "provisioningState" }));
};
const remove = async (): Promise<void> => {
  for (const { id = "" } of await tagged()) await resources().beginDeleteByIdAndWait(id, apiVersion, quickly);
};
const isGone = async (): Promise<boolean> => (await tagged()).length === 0 && fleet.instanceNames().length === 0;

const quota = {
  code: "DeploymentFailed",
  details: [{ code: "QuotaExceeded", message: expect.stringContaining("quota") as unknown }],
};

describe("a deployment that is to go wrong", () => {
  it("ends Failed for want of quota, with nothing made, and its operations say why", async () => {
    await ask("deploy", { kind: "quota-exceeded" });
    await expect(put()).rejects.toThrow("DeploymentFailed");
    expect(await stateOf()).toBe("Failed");
    expect(await errorOf()).toMatchObject(quota);
    const steps = await collect(fleet.arm().deployments.deploymentOperations.list(groupName, name));
    expect(steps.map(({ properties }) => properties)).toMatchObject([
      {
        provisioningState: "Failed",
        targetResource: { resourceName: "stack-1/claim-instance" },
        statusMessage: { status: "Failed", error: { code: "QuotaExceeded" } },
      },
    ]);
    expect(await isGone()).toBe(true);
  });

  it("is refused for want of quota by validate, which loses the reason, and by what-if, whose result says it", async () => {
    const refused = { code: "InvalidTemplateDeployment", details: [{ code: "QuotaExceeded" }] };
    await ask("validate", { kind: "quota-exceeded" });
    // The client knows that ARM answers 400 here, and yet does not hand the body on.
    await expect(deployments().validate(groupName, name, body)).rejects.toThrow("operation has failed");
    await ask("whatIf", { kind: "quota-exceeded" });
    expect(await deployments().whatIf(groupName, name, body, quickly)).toMatchObject({
      status: "Failed",
      error: refused,
    });
  });

  it.each([
    { step: "claim-instance", state: "Failed", servers: 0 },
    { step: "prepare-superuser", state: "Failed", servers: 0 },
    { step: "start-server", state: "Succeeded", servers: 1 },
  ])("can fail after $step: what is there is found by its tag, goes, and can come again", async (expected) => {
    await ask("deploy", { kind: "failed-step", step: expected.step, code: "ContainerAppOperationError" }, 1);
    await expect(put()).rejects.toThrow("DeploymentFailed");
    expect(await errorOf()).toMatchObject({ details: [{ code: "ContainerAppOperationError" }] });
    expect(await tagged()).toMatchObject([{ name: "stack-1", provisioningState: expected.state }]);
    expect(fleet.servers("stack-1")).toHaveLength(expected.servers);
    await remove();
    expect(await isGone()).toBe(true);
    expect(fleet.filesWith("correct-horse")).toEqual([]);
    await put();
    expect(fleet.servers("stack-1")).toHaveLength(1);
  });

  it("can be accepted and then be lost", async () => {
    await ask("deploy", { kind: "lost" }, 1);
    await put().submitted();
    expect(await firedFaults(fleet.manager().url)).toEqual([1]);
    expect(await seen(deployments().get(groupName, name))).toBe("404 DeploymentNotFound");
    await ask("deploy", { kind: "lost" }, 1);
    expect(await seen(put())).toBe("404 DeploymentNotFound");
    expect(fleet.filesWith("correct-horse")).toEqual([]);
    await put();
    expect(await stateOf()).toBe("Succeeded");
  });

  it("is one of two begun at once: the other is refused while it is active", async () => {
    const both = await Promise.all([seen(put().submitted()), seen(put().submitted())]);
    expect(both.toSorted()).toEqual(["409 DeploymentActive", "no error"]);
    expect(await becomes("Succeeded")).toBe(true);
    expect(fleet.servers("stack-1")).toHaveLength(1);
  });

  it("goes on after a kill of the manager, as slowly or to the same failure", async () => {
    await ask("deploy", { kind: "slow-steps", milliseconds: 500 }, 1);
    await put().submitted();
    await fleet.restart("SIGKILL");
    const begun = performance.now();
    expect(await stateOf()).toBe("Running");
    expect(await becomes("Succeeded")).toBe(true);
    expect(performance.now() - begun).toBeGreaterThan(1000);
    await remove();
    await ask("deploy", { kind: "failed-step", step: "start-server" }, 1);
    await put().submitted();
    await fleet.restart("SIGKILL");
    expect(await becomes("Failed")).toBe(true);
    expect(fleet.servers("stack-1").length).toBeLessThanOrEqual(1);
    await remove();
    expect(await isGone()).toBe(true);
  });
});

describe("a cancellation", () => {
  const cancel = () => deployments().cancel(groupName, name);
  const idle = () => waitUntil(() => fleet.servers("stack-1").length === 0, 10_000);

  it("ends a slow deployment at once, leaves nothing running, and can be followed by another", async () => {
    await ask("deploy", { kind: "slow-steps", milliseconds: 3_600_000, retryAfterSeconds: 9 }, 1);
    await put().submitted();
    await cancel();
    expect(await stateOf()).toBe("Canceled");
    expect(await seen(cancel())).toBe("409 DeploymentCannotBeCancelled");
    expect(fleet.filesWith("correct-horse")).toEqual([]);
    expect(await waitUntil(async () => (await seen(put())) === "no error", 20_000)).toBe(true);
    expect(fleet.servers("stack-1")).toHaveLength(1);
  });

  it("while the server starts ends the server too", async () => {
    const isCaught = async (): Promise<boolean> => {
      await remove();
      await put().submitted();
      await waitUntil(() => fleet.servers("stack-1").some(({ port }) => port !== undefined), 20_000, 2);
      return (await seen(cancel())) === "no error";
    };
    // A server that starts at once is not caught starting; then there is nothing to cancel.
    expect(await waitUntil(isCaught, 60_000)).toBe(true);
    expect(await idle()).toBe(true);
    expect(await tagged()).toMatchObject([{ provisioningState: "Failed" }]);
    await fleet.restart("SIGTERM");
    expect(await tagged()).toMatchObject([{ provisioningState: "Failed" }]);
    expect(fleet.servers("stack-1")).toEqual([]);
  });

  it("at any moment leaves no server, even when the manager is killed with it", async () => {
    for (const milliseconds of [0, 120, 240, 320]) {
      await ask("deploy", { kind: "slow-steps", milliseconds: 100 }, 1);
      await put().submitted();
      const until = performance.now() + milliseconds;
      await waitUntil(() => performance.now() >= until, 1000, 5);
      await cancel();
      await fleet.restart("SIGKILL");
      expect(await stateOf()).toBe("Canceled");
      expect(await idle()).toBe(true);
      for (const { provisioningState } of await tagged()) expect(provisioningState).toBe("Failed");
      await remove();
    }
    expect(await isGone()).toBe(true);
  });
});

describe("a deletion", () => {
  it("can be refused by a lock, and be repeated when the lock and the resource are gone", async () => {
    await put();
    const [{ id = "" } = {}] = await tagged();
    await ask("delete", { kind: "locked" }, 2);
    expect(await seen(remove())).toBe("409 ScopeLocked");
    expect(await seen(deployments().delete(groupName, name, quickly))).toBe("409 ScopeLocked");
    expect(fleet.servers("stack-1")).toHaveLength(1);
    for (let repeat = 0; repeat < 2; repeat += 1) {
      await resources().beginDeleteByIdAndWait(id, apiVersion, quickly);
      await deployments().delete(groupName, name, quickly);
    }
    expect(await isGone()).toBe(true);
    expect(await seen(deployments().get(groupName, name))).toBe("404 DeploymentNotFound");
  });

  it("can take long, which a kill of the manager does not shorten", async () => {
    await put();
    const [{ id = "" } = {}] = await tagged();
    await ask("delete", { kind: "slow-delete", milliseconds: 5000 }, 1);
    const begun = performance.now();
    await resources().beginDeleteById(id, apiVersion, quickly);
    await fleet.restart("SIGKILL");
    expect(await tagged()).toMatchObject([{ provisioningState: "Deleting" }]);
    await resources().beginDeleteByIdAndWait(id, apiVersion, quickly);
    expect(performance.now() - begun).toBeGreaterThan(4900);
    expect(await isGone()).toBe(true);
  });
});
