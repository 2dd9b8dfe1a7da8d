import { afterEach, describe, expect, test } from "vitest";
import { sqliteDocumentStore } from "../adapters/sqlite/document-store.ts";
import { crashingStore } from "../../tests/support/crashing-store.ts";
import type { FleetOptions } from "../../tests/support/fleet.ts";
import { aFleet } from "../../tests/support/fleet.ts";
import { anInstance } from "../../tests/support/builders.ts";
import type { Behaviour, ScriptedServer } from "../../tests/support/scripted-server.ts";
import { scriptedServer } from "../../tests/support/scripted-server.ts";

const id = "stack-westeurope-1";
const servers: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const aServer = async (behaviour: Behaviour = "healthy"): Promise<ScriptedServer> => {
  const server = await scriptedServer(behaviour);
  servers.push(server);
  return server;
};

const aWatched = async (options: FleetOptions = {}) => {
  const server = await aServer();
  const fleet = aFleet(options);
  await fleet.addInstance(id, { internalEndpoint: server.url });
  const incidents = async () => (await fleet.describeFleet("minutes")).incidents;
  const health = async () => (await fleet.instances.find(id))?.health;
  return { server, fleet, incidents, health };
};

describe("an instance that stops and comes back", () => {
  test("turns stale, then offline, opens one incident, and resolves it when it is back", async () => {
    const { server, fleet, incidents, health } = await aWatched();
    await fleet.rounds(2);
    expect(await health()).toBe("healthy");
    server.be("down");
    await fleet.rounds(3);
    expect(await health()).toBe("stale");
    expect(await incidents()).toEqual([]);
    await fleet.rounds(3);
    expect(await fleet.one(id)).toMatchObject({ health: "offline", status: "active" });
    expect(await incidents()).toMatchObject([{ id: `${id}.1`, state: "open", health: "offline" }]);
    await fleet.rounds(5);
    server.be("healthy");
    await fleet.rounds(2);
    expect(await health()).toBe("healthy");
    expect(await incidents()).toMatchObject([{ id: `${id}.1`, state: "resolved", health: "offline" }]);
  });

  test.each<[Behaviour, string]>([
    ["error", "It answered with status 500."],
    ["garbage", "Its answer is not a health document."],
    ["huge", "Its answer is larger than 64 KiB."],
  ])("%s three times: failing, with the cause", async (behaviour, cause) => {
    const { server, fleet, incidents } = await aWatched();
    await fleet.rounds(1);
    server.be(behaviour);
    await fleet.rounds(2);
    expect(await incidents()).toEqual([]);
    await fleet.rounds(1);
    expect(await incidents()).toMatchObject([{ state: "open", health: "failing", cause }]);
  });

  test("flapping keeps its incident open until it has been quiet", async () => {
    const { server, fleet, incidents } = await aWatched();
    await fleet.rounds(1);
    for (let cycle = 0; cycle < 3; cycle += 1) {
      server.be("error");
      await fleet.rounds(3);
      server.be("healthy");
      await fleet.rounds(2);
    }
    // The first two ups and downs were two incidents of their own; from the third on it is flapping.
    const [open, ...before] = await incidents();
    expect(open).toMatchObject({ id: `${id}.3`, state: "open" });
    expect(open?.cause).toBe("It answered with status 500. It kept changing between good and bad.");
    expect(before.map(({ state }) => state)).toEqual(["resolved", "resolved"]);
    await fleet.rounds(60);
    expect((await incidents()).map(({ state }) => state)).toEqual(["resolved", "resolved", "resolved"]);
  });

  test("a control plane that was down for an hour opens nothing", async () => {
    const { server, fleet, incidents, health } = await aWatched();
    await fleet.rounds(2);
    fleet.advance(3600);
    server.be("down");
    await fleet.rounds(2);
    server.be("healthy");
    await fleet.rounds(1);
    expect(await health()).toBe("healthy");
    expect(await incidents()).toEqual([]);
  });
});

describe("which instances are watched", () => {
  test("draining ones are, others are not; a retired one's incident is over", async () => {
    const { server, fleet, incidents } = await aWatched();
    const other = await aServer();
    await fleet.addInstance("stack-other", { internalEndpoint: other.url, status: "provisioning" });
    await fleet.instances.update(anInstance().pool, id, (instance) => ({ ...instance, status: "draining" }));
    server.be("error");
    await fleet.rounds(3);
    expect(await incidents()).toMatchObject([{ state: "open" }]);
    expect(other.requests()).toBe(0);
    await fleet.instances.update(anInstance().pool, id, (instance) => ({ ...instance, status: "retired" }));
    await fleet.rounds(1);
    expect(await incidents()).toMatchObject([{ state: "resolved" }]);
    expect((await fleet.describeFleet("minutes")).instances.map((instance) => instance.id)).toEqual(["stack-other"]);
  });
});

describe("rounds that meet", () => {
  test("two at once count once, and open one incident", async () => {
    const { server, fleet, incidents } = await aWatched();
    await fleet.rounds(1);
    server.be("error");
    await Promise.all([fleet.watchInstances(), fleet.watchInstances(), fleet.watchInstances()]);
    expect((await fleet.one(id)).health).toBe("healthy");
    for (let round = 0; round < 2; round += 1) {
      fleet.advance(10);
      await Promise.all([fleet.watchInstances(), fleet.watchInstances(), fleet.watchInstances()]);
    }
    expect(await incidents()).toHaveLength(1);
  });

  test("a round that follows too soon adds nothing", async () => {
    const { server, fleet, health } = await aWatched();
    await fleet.rounds(1);
    server.be("error");
    for (let round = 0; round < 5; round += 1) {
      await fleet.watchInstances();
      fleet.advance(1);
    }
    expect(await health()).toBe("healthy");
  });

  test("a round and reports at once lose neither", async () => {
    const { fleet } = await aWatched();
    for (let round = 0; round < 10; round += 1) {
      const tenantCount = round;
      await Promise.all([
        fleet.watchInstances(),
        fleet.report(id, { metrics: { cpuPercent: 1, memoryPercent: 1, tenantCount } }),
        fleet.watchInstances(),
      ]);
      const seen = await fleet.one(id);
      expect(seen.metrics?.tenantCount).toBe(round);
      expect(seen.lastProbeAt).toBe(fleet.clock().toISOString());
      fleet.advance(10);
    }
  });

  test("a round that is killed at any write is finished by the next ones", async () => {
    for (let write = 1; write <= 12; write += 1) {
      for (const moment of ["before", "after"] as const) {
        const documents = crashingStore(sqliteDocumentStore(":memory:"));
        const { server, fleet, incidents, health } = await aWatched({ documents, alertUrl: "http://127.0.0.1:1/" });
        await fleet.rounds(1);
        server.be("error");
        documents.dieAt(write, moment);
        await fleet.rounds(4).catch(() => undefined);
        documents.revive();
        fleet.advance(10);
        await fleet.rounds(4);
        expect(await health()).toBe("failing");
        expect(await incidents()).toMatchObject([{ state: "open", id: `${id}.1` }]);
        expect(await fleet.alerts.find(id, `${id}.1.opened`)).toMatchObject({ state: "pending" });
        server.be("healthy");
        await fleet.rounds(2);
        expect(await incidents()).toMatchObject([{ state: "resolved" }]);
        expect((await fleet.one(id)).history.filter(({ state }) => state === "failing").length).toBeGreaterThan(0);
      }
    }
  });
});

test("a round that runs out of time leaves some out, which the next one looks at first", async () => {
  const seen = new Set<string>();
  const fleet = aFleet({
    probe: async (endpoint) => {
      seen.add(endpoint);
      await Promise.resolve();
      fleet.advance(1);
      return { kind: "silent", cause: "No answer within 3 seconds." };
    },
  });
  const endpoints = Array.from({ length: 260 }, (_, index) => `http://127.0.0.1:1/${index}`);
  for (const [index, internalEndpoint] of endpoints.entries()) {
    await fleet.addInstance(`stack-${index}`, { internalEndpoint });
  }
  await fleet.watchInstances();
  const leftOut = endpoints.filter((endpoint) => !seen.has(endpoint));
  expect(leftOut).toHaveLength(4);
  fleet.advance(10);
  seen.clear();
  await fleet.watchInstances();
  expect([...seen].slice(0, 4)).toEqual(leftOut);
});

describe("the instance's document", () => {
  test("is written when the state changes only", async () => {
    const { fleet } = await aWatched();
    await fleet.rounds(1);
    const container = fleet.documents.container(
      { name: "instances", partitionKey: "pool", indexes: ["id", "status", "used", "sortKey"] },
      (raw) => raw as { readonly id: string },
    );
    const etag = (await container.read(anInstance().pool, id))?.etag;
    await fleet.rounds(5);
    expect((await container.read(anInstance().pool, id))?.etag).toBe(etag);
  });
});
