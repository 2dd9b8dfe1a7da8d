import { describe, expect, it } from "vitest";
import { aCaller, anInstance, aPool } from "../../tests/support/builders.ts";
import type { FleetScenario } from "../../tests/support/instance-fleet.ts";
import { anInstanceFleet, operatorOrgId } from "../../tests/support/instance-fleet.ts";
import type { Instance } from "./instance.ts";

const quiet: FleetScenario = {
  arm: { ending: "succeeds", deploySeconds: 20, removeSeconds: 5, faults: [], outage: { from: 0, seconds: 0 } },
  readyAfter: 0,
};
const slot = { claimId: "claim", state: "active" as const, until: "2026-01-01T00:00:00.000Z" };
const id = "stack-westeurope-1";

const aFleetWith = async (change: Partial<Instance>) => {
  const fleet = anInstanceFleet(quiet);
  fleet.live(undefined);
  await fleet.instances.create(anInstance(change));
  return fleet;
};

describe("draining", () => {
  it("takes an instance out of placement and puts it back, as often as it is asked for", async () => {
    const fleet = await aFleetWith({ slots: { tenant: slot }, used: 1 });
    for (const isDraining of [true, true, false, false]) {
      const status = isDraining ? "draining" : "active";
      expect(await fleet.setDraining(id, isDraining)).toMatchObject({ status, used: 1 });
    }
  });

  it.each(["provisioning", "retiring", "retired", "failed"] as const)("is refused when it is %s", async (status) => {
    const fleet = await aFleetWith({ status });
    for (const isDraining of [true, false]) {
      const refusal = { code: "instance-state", facts: { instanceStatus: status } };
      await expect(fleet.setDraining(id, isDraining)).rejects.toMatchObject(refusal);
    }
  });

  it("of an instance that does not exist is not found", async () => {
    const fleet = await aFleetWith({});
    await expect(fleet.setDraining("stack-nowhere-1", true)).rejects.toMatchObject({ code: "not-found" });
    await expect(fleet.retire("stack-nowhere-1")).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("retiring", () => {
  it("is refused with the count while tenants are there", async () => {
    const fleet = await aFleetWith({ slots: { one: slot, two: { ...slot, state: "reserved" } }, used: 2 });
    const refusal = { code: "instance-not-empty", facts: { currentTenants: 2 } };
    await expect(fleet.retire(id)).rejects.toMatchObject(refusal);
    expect(await fleet.instances.read(aPool, id)).toMatchObject({ status: "active" });
  });

  it.each(["provisioning", "failed"] as const)("is refused when it is %s", async (status) => {
    const fleet = await aFleetWith({ status });
    await expect(fleet.retire(id)).rejects.toMatchObject({ code: "instance-state" });
  });

  it("while a cancelled provisioning is undone is refused with what is going on, as draining is", async () => {
    const fleet = anInstanceFleet(quiet);
    fleet.live(undefined);
    const { id: newId, operationId } = await fleet.create();
    await fleet.cancel(operationId);
    let refusals: readonly unknown[] = [];
    fleet.onStep(async () => {
      if ((await fleet.instances.read(aPool, newId))?.status !== "retiring" || refusals.length > 0) return;
      const wishes = [fleet.retire(newId), fleet.setDraining(newId, true), fleet.setDraining(newId, false)];
      refusals = await Promise.all(wishes.map((wish) => wish.catch((error: unknown) => error)));
    });
    await fleet.hub.run();
    const message = expect.stringContaining(
      "The instance is being cleaned up because its provisioning ended: Cancelled by an operator.",
    ) as unknown;
    const refusal = { code: "instance-state", facts: { instanceStatus: "retiring" }, message };
    expect(refusals).toMatchObject([refusal, refusal, refusal]);
    expect(await fleet.instances.read(aPool, newId)).toMatchObject({ status: "failed" });
  });

  it("twice is one operation, and afterwards the same one", async () => {
    const fleet = await aFleetWith({ status: "draining" });
    const [one, two] = await Promise.all([fleet.retire(id), fleet.retire(id)]);
    expect(one.operation.id).toBe(two.operation.id);
    await fleet.hub.run();
    const later = await fleet.retire(id);
    expect(later.operation).toMatchObject({ id: one.operation.id, kind: "retire-instance", status: "succeeded" });
    expect(later.instance).toMatchObject({ status: "retired", internalEndpoint: null });
    expect(later.operation.steps.map(({ name, state }) => `${name} ${state}`)).toEqual(["remove done", "forget done"]);
  });

  it("that ARM prevents for half an hour fails with the cause, and can be retried", async () => {
    const outage = { from: 0, seconds: 45 * 60 };
    const fleet = anInstanceFleet({ ...quiet, arm: { ...quiet.arm, outage } });
    fleet.live(undefined);
    await fleet.instances.create(anInstance());
    const { operation } = await fleet.retire(id);
    for (let round = 0; round < 6; round += 1) {
      await fleet.hub.run();
      await fleet.reconcile();
    }
    const failed = {
      status: "failed",
      error: { code: "retiring-failed", detail: expect.stringContaining("ECONN") as unknown },
    };
    expect(await fleet.operations.find(operation.id)).toMatchObject(failed);
    expect(await fleet.instances.read(aPool, id)).toMatchObject({ status: "retiring" });
    fleet.advance(outage.seconds * 1000);
    await fleet.retry(operation.id);
    await fleet.hub.run();
    expect(await fleet.instances.read(aPool, id)).toMatchObject({ status: "retired" });
  });
});

describe("operations of instances", () => {
  const outsiders = [
    ["another organisation's", aCaller({ isOperator: false }), "not-found"],
    ["a member's without the role", aCaller({ orgId: operatorOrgId, isOperator: false }), "forbidden"],
  ] as const;

  it.each(outsiders)("are not for %s hands", async (_who, caller, code) => {
    const fleet = anInstanceFleet(quiet);
    fleet.live(undefined);
    const { operationId } = await fleet.create();
    await expect(fleet.cancel(operationId, caller)).rejects.toMatchObject({ code });
    await expect(fleet.retry(operationId, caller)).rejects.toMatchObject({ code });
  });

  it("can be cancelled while they go on, twice, and not afterwards; retried once they failed, and not before", async () => {
    const fleet = anInstanceFleet(quiet);
    fleet.live(undefined);
    const { operationId } = await fleet.create();
    await expect(fleet.retry(operationId)).rejects.toMatchObject({ code: "operation-not-retryable" });
    const first = await fleet.cancel(operationId);
    expect(await fleet.cancel(operationId)).toEqual(first);
    await fleet.hub.run();
    expect(await fleet.operations.find(operationId)).toMatchObject({ status: "cancelled" });
    const again = await fleet.retry(operationId);
    expect(again).toMatchObject({ kind: "provision-instance", status: "running" });
    await fleet.hub.run();
    expect(await fleet.operations.find(again.id)).toMatchObject({ status: "succeeded" });
    await expect(fleet.cancel(again.id)).rejects.toMatchObject({ code: "operation-not-cancellable" });
    // The late second click of the retry is the same attempt; a retry of what succeeded is none.
    expect(await fleet.retry(operationId)).toMatchObject({ id: again.id });
    await expect(fleet.retry(again.id)).rejects.toMatchObject({ code: "operation-not-retryable" });
  });

  it("go on although ARM loses what it accepted", async () => {
    const fleet = anInstanceFleet({ ...quiet, arm: { ...quiet.arm, faults: ["none", "none", "acceptance-lost"] } });
    fleet.live(undefined);
    await fleet.create();
    await fleet.hub.run();
    expect((await fleet.instances.list({}))[0]).toMatchObject({ status: "active" });
    expect(fleet.elapsedSeconds()).toBeLessThan(60);
  });
});
