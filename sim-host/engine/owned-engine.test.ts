import { expect, it } from "vitest";
import { memoryEngine } from "../../tests/support/memory-engine.ts";
import { ownedEngine } from "./owned-engine.ts";

const owner = { tenantId: "acme", simulationId: "sim-a", part: "lan", generation: 1 };
const wish = { owner, bridgeName: "ksaaaaaaaaaaaa", subnet: "10.111.0.0/27" };
const node = {
  ...{ owner: { ...owner, part: "a" }, imageId: "sha256:1", environment: {}, hostname: "a" },
  ...{ memoryMegabytes: 8, cpus: 0.1, pidsMax: 8, attachments: [] },
};

it("shows each host what it made, under the names it gave, and nothing of another host's", async () => {
  const engine = memoryEngine();
  const [one, two] = [ownedEngine(engine, "one"), ownedEngine(engine, "two")];
  const networkId = await one.createNetwork(wish);
  const containerId = await one.createContainer(node);
  expect(await one.list()).toMatchObject({ networks: [{ id: networkId, owner }], containers: [{ owner: node.owner }] });
  expect(await one.list({ tenantId: "acme", simulationId: "sim-a" })).toMatchObject({ networks: [{ owner }] });
  expect(await one.inspect(containerId)).toMatchObject({ owner: node.owner });
  expect(await two.list()).toEqual({ containers: [], networks: [] });
  expect(await two.list({ tenantId: "acme", simulationId: "sim-a" })).toEqual({ containers: [], networks: [] });
  expect(await two.inspect(containerId)).toBeUndefined();
});

it("does not take one host's id for the beginning of another's", async () => {
  const engine = memoryEngine();
  await ownedEngine(engine, "host2").createNetwork(wish);
  expect((await ownedEngine(engine, "host").list()).networks).toEqual([]);
});
