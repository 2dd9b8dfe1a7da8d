import { expect, test } from "vitest";
import { memoryEngine } from "../../tests/support/memory-engine.ts";
import { meteredEngine } from "./metered-engine.ts";

test("calls are told of with their outcome and time, and do what they did before", async () => {
  let now = 0;
  const notes: unknown[] = [];
  const engine = memoryEngine();
  engine.onCall = () => (now += 250);
  const counted = meteredEngine(
    engine,
    (...note) => notes.push(note),
    () => now,
  );
  const owner = { tenantId: "acme", simulationId: "sim-1", part: "lan", generation: 1 };
  const wish = { owner, bridgeName: "ks1", subnet: "10.0.0.0/27" };
  const id = await counted.createNetwork(wish);
  await expect(counted.createNetwork(wish)).rejects.toThrow("Pool overlaps");
  await counted.removeNetwork(id);
  expect(notes).toEqual([
    ["createNetwork", "ok", 0.5],
    ["createNetwork", "failed", 0.25],
    ["removeNetwork", "ok", 0.5],
  ]);
  expect(engine.networks.size).toBe(0);
});

test("what lasts as long as somebody wants is not told of", async () => {
  const engine = memoryEngine();
  const notes: unknown[] = [];
  const counted = meteredEngine(
    engine,
    (...note) => notes.push(note),
    () => 0,
  );
  for await (const change of counted.watch(new AbortController().signal)) notes.push(change);
  expect(counted.networks).toBe(engine.networks);
  expect(notes).toEqual([]);
});
