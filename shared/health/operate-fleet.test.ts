import { afterEach, describe, expect, test } from "vitest";
import { aFleet } from "../../tests/support/fleet.ts";
import type { FleetOptions } from "../../tests/support/fleet.ts";
import { scriptedServer } from "../../tests/support/scripted-server.ts";
import type { Operation } from "../operations/operation.ts";

const id = "stack-westeurope-1";
const servers: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const setUp = async (options: FleetOptions = {}) => {
  const server = await scriptedServer();
  servers.push(server);
  const fleet = aFleet(options);
  await fleet.addInstance(id, { internalEndpoint: server.url });
  const incidents = async () => (await fleet.describeFleet("minutes")).incidents;
  const plan = (fromSeconds: number, untilSeconds: number) => {
    const after = (seconds: number) => new Date(fleet.clock().getTime() + seconds * 1000).toISOString();
    return fleet.planMaintenance({
      instanceId: id,
      from: after(fromSeconds),
      until: after(untilSeconds),
      reason: "new disk",
      by: "grace@kombify.example",
    });
  };
  return { server, fleet, incidents, plan };
};

describe("maintenance", () => {
  test("opens nothing and tells nobody inside; what is still wrong afterwards is an incident", async () => {
    const { server, fleet, incidents, plan } = await setUp();
    await plan(0, 120);
    server.be("error");
    await fleet.rounds(6);
    expect(await incidents()).toEqual([]);
    const during = await fleet.one(id);
    expect(during).toMatchObject({ health: "failing", isInMaintenance: true });
    expect(during.history.at(-1)?.state).toBe("none");
    expect(during.history.at(-2)?.state).toBe("maintenance");
    await fleet.rounds(7);
    expect(await incidents()).toMatchObject([{ state: "open" }]);
    expect(await fleet.one(id)).toMatchObject({ isInMaintenance: false });
  });

  test("an incident of before is resolved in it, but told afterwards", async () => {
    const { server, fleet, incidents, plan } = await setUp({ alertUrl: "http://127.0.0.1:1/" });
    server.be("error");
    await fleet.rounds(3);
    const window = await plan(0, 600);
    server.be("healthy");
    await fleet.rounds(2);
    expect(await incidents()).toMatchObject([{ state: "resolved" }]);
    expect(await fleet.alerts.find(id, `${id}.1.resolved`)).toMatchObject({ state: "pending", dueAt: window.until });
  });

  test("is listed until it is over, and can be taken back", async () => {
    const { fleet, plan } = await setUp();
    const window = await plan(60, 120);
    const listed = async () => (await fleet.describeFleet("minutes")).maintenance.map((each) => each.id);
    expect(await listed()).toEqual([window.id]);
    expect(await fleet.maintenanceWindows.remove(window.id)).toBe(true);
    expect(await fleet.maintenanceWindows.remove(window.id)).toBe(false);
    await plan(0, 60);
    fleet.advance(60);
    expect(await listed()).toEqual([]);
  });

  test.each([
    ["over already", -120, -60, "invalid-input"],
    ["backwards", 60, 30, "invalid-input"],
    ["longer than 30 days", 0, 30 * 86_400 + 1, "invalid-input"],
    ["over in a moment", 0, 0.001, "invalid-input"],
    ["shorter than a minute", 60, 119.999, "invalid-input"],
    ["more than a year ahead", 367 * 86_400, 368 * 86_400, "invalid-input"],
    ["for other generations", 250_000_000_000, 250_000_003_600, "invalid-input"],
  ])("refuses one that is %s", async (_, from, until, code) => {
    const { plan, fleet } = await setUp();
    await expect(plan(from, until)).rejects.toMatchObject({ code });
    expect((await fleet.describeFleet("minutes")).maintenance).toEqual([]);
  });

  test("lasts since its begin, not since the instance's health changed", async () => {
    const { fleet, plan } = await setUp();
    await fleet.rounds(30);
    expect(await fleet.one(id)).toMatchObject({ isInMaintenance: false, maintenanceSince: null });
    const { from } = await plan(0, 60);
    await plan(30, 90);
    fleet.advance(31);
    const found = await fleet.one(id);
    expect(found).toMatchObject({ isInMaintenance: true, maintenanceSince: from });
    expect(found.healthSince).not.toBe(from);
  });

  test("refuses one of an instance that does not exist", async () => {
    const { fleet } = await setUp();
    const until = new Date(fleet.clock().getTime() + 60_000).toISOString();
    const command = { instanceId: "stack-nobody", until, reason: "x", by: "grace" };
    await expect(fleet.planMaintenance(command)).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("an operator", () => {
  test("acknowledges once; a repetition keeps who was first, also while it gets worse", async () => {
    const { server, fleet, incidents } = await setUp();
    server.be("error");
    await fleet.rounds(3);
    const [both] = await Promise.all([fleet.acknowledgeIncident(`${id}.1`, "grace"), fleet.watchInstances()]);
    expect(both).toMatchObject({ state: "acknowledged", acknowledgedBy: "grace" });
    await fleet.acknowledgeIncident(`${id}.1`, "ada");
    server.be("down");
    await fleet.rounds(8);
    expect(await incidents()).toMatchObject([{ state: "acknowledged", acknowledgedBy: "grace", health: "offline" }]);
    server.be("healthy");
    await fleet.rounds(2);
    expect(await incidents()).toMatchObject([{ state: "resolved", acknowledgedBy: "grace" }]);
    await expect(fleet.acknowledgeIncident(`${id}.1`, "ada")).rejects.toMatchObject({ code: "conflict" });
  });

  test("resolves: nothing new is opened until the instance has been well", async () => {
    const { server, fleet, incidents } = await setUp();
    server.be("error");
    await fleet.rounds(3);
    expect(await fleet.resolveIncident(`${id}.1`, "grace")).toMatchObject({ state: "resolved", resolvedBy: "grace" });
    expect(await fleet.resolveIncident(`${id}.1`, "ada")).toMatchObject({ resolvedBy: "grace" });
    await fleet.rounds(3);
    expect(await incidents()).toMatchObject([{ state: "resolved" }]);
    server.be("healthy");
    await fleet.rounds(3);
    server.be("error");
    await fleet.rounds(3);
    expect(await incidents()).toMatchObject([{ id: `${id}.2`, state: "open" }, { id: `${id}.1` }]);
  });

  test.each([`${id}.7`, "nonsense", "../x.1", `${id}.1/..`])("finds no incident %s", async (incident) => {
    const { fleet } = await setUp();
    await expect(fleet.acknowledgeIncident(incident, "grace")).rejects.toMatchObject({ code: "not-found" });
    await expect(fleet.resolveIncident(incident, "grace")).rejects.toMatchObject({ code: "not-found" });
  });
});

const anOperation = (change: Partial<Operation>): Operation => ({
  id: "operation",
  owner: "org",
  kind: "provision-tenant",
  subject: { id: "tenant" },
  status: "running",
  steps: [],
  error: null,
  leaseUntil: "",
  deadlineAt: "2026-01-02T00:00:00.000Z",
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-01T00:00:00.000Z",
  ...change,
});

describe("the fleet's view", () => {
  test("has operations of every organisation: unfinished ones in order, then what failed since yesterday", async () => {
    const { fleet } = await setUp();
    fleet.advance(3 * 86_400);
    const begin = (change: Partial<Operation>) =>
      fleet.operations.forOwner(change.owner ?? "org").begin(anOperation(change));
    await begin({ id: "late", owner: "a", status: "waiting", createdAt: "2026-01-03T23:00:00.000Z" });
    await begin({ id: "early", owner: "b", kind: "provision-instance", createdAt: "2026-01-03T22:00:00.000Z" });
    await begin({ id: "failed", owner: "c", status: "failed", createdAt: "2026-01-03T12:00:00.000Z" });
    await begin({ id: "old", owner: "c", status: "failed", createdAt: "2026-01-02T12:00:00.000Z" });
    await begin({ id: "done", owner: "c", status: "succeeded", createdAt: "2026-01-03T12:00:00.000Z" });
    const view = await fleet.describeFleet("minutes");
    expect(view.operations.map((operation) => operation.id)).toEqual(["early", "late", "failed"]);
    expect(view).toMatchObject({ oldestUnfinished: { id: "early" }, waitingTenants: 1 });
  });

  test("knows an instance that was never looked at, and where scale-out begins", async () => {
    const { fleet } = await setUp();
    await fleet.addInstance("stack-dedicated", { mode: "DEDICATED", capacity: 1 });
    expect(await fleet.one(id)).toMatchObject({ health: "unknown", scaleOutAt: 46, lastProbeAt: null });
    expect((await fleet.one("stack-dedicated")).scaleOutAt).toBeNull();
  });

  test("keeps minutes for a day, hours for a month and days for a year, in a few documents", async () => {
    const { server, fleet } = await setUp();
    await fleet.rounds(1);
    for (let day = 0; day < 40; day += 1) {
      server.be(day === 30 ? "degraded" : "healthy");
      for (let hour = 0; hour < 24; hour += 1) {
        await fleet.watchInstances();
        fleet.advance(3_600);
      }
      await fleet.sweepHealth();
    }
    const days = (await fleet.one(id, "days")).history;
    expect(days.filter(({ state }) => state !== "none")).toHaveLength(40);
    expect(days.filter(({ state }) => state === "degraded")).toHaveLength(1);
    const hours = (await fleet.one(id, "hours")).history;
    expect(hours.slice(0, -1).every(({ state }) => state === "healthy")).toBe(true);
    const kept = fleet.documents.container(
      {
        name: "health",
        partitionKey: "instanceId",
        indexes: ["kind", "state", "sortKey", "dueAt", "until", "expiresAt"],
      },
      (raw) => raw as { readonly id: string; readonly kind: string },
    );
    const count = async (kind: string) => (await kept.query({ equal: { kind }, limit: 500 })).length;
    expect(await count("history-minutes")).toBeLessThanOrEqual(26);
    expect(await count("history-hours")).toBeLessThanOrEqual(33);
    expect(await count("history-days")).toBe(2);
    expect(await count("watch")).toBe(1);
  });
});
