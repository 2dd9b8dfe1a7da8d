import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MemoryEngine } from "../../tests/support/memory-engine.ts";
import { memoryEngine } from "../../tests/support/memory-engine.ts";
import { aHost, aStanding, aTopology } from "../../tests/support/sim-host.ts";
import { goalOf } from "./simulation-rules.ts";

type Host = ReturnType<typeof aHost>;

const acme = aStanding("acme", "enterprise");
const names = ["a", "b", "c", "d"];

const anAction = fc.constantFrom("start", "stop", "pause", "resume", "restart", "delete" as const);
const aNodeAction = fc.constantFrom("start", "stop", "pause", "resume", "restart", "kill" as const);
const aLab = fc
  .record({ nodes: fc.subarray(names, { minLength: 1 }), isSplit: fc.boolean(), delay: fc.constantFrom(0, 5) })
  .map(({ nodes, isSplit, delay }) => {
    const impairment = delay === 0 ? {} : { delayMilliseconds: delay };
    const link = (name: string, of: readonly string[]) => ({ name, nodes: of, impairment, directions: [] });
    const pairs = nodes.slice(1).map((node, index) => link(`cable-${node}`, [nodes[index] ?? node, node]));
    const links = isSplit ? pairs : nodes.length > 1 ? [link("lan", nodes)] : [];
    return JSON.stringify(aTopology(nodes, { links }));
  });

/** What people, chance and faults do, one after the other. */
const aStep = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("create" as const), lab: aLab }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("control" as const), which: fc.nat(1), action: anAction }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("node" as const),
      which: fc.nat(1),
      node: fc.nat(2),
      action: aNodeAction,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("change" as const), which: fc.nat(1), lab: aLab }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("end" as const), node: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("steal" as const), which: fc.nat(8) }) },
  { weight: 7, arbitrary: fc.record({ kind: fc.constant("reconcile" as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("die" as const),
      call: fc.integer({ min: 1, max: 40 }),
      moment: fc.constantFrom("before", "after" as const),
    }),
  },
);
type Step = typeof aStep extends fc.Arbitrary<infer T> ? T : never;

class Killed extends Error {}

/** Dies at that call to the engine or write to the store; nothing that the same process still wants happens. */
const dieAt = (engine: MemoryEngine, call: number, moment: "before" | "after"): void => {
  let left = call;
  let isDead = false;
  engine.onCall = (_name, now) => {
    if (isDead) throw new Killed();
    if (now === moment) left -= 1;
    if (left > 0) return;
    isDead = true;
    throw new Killed();
  };
};

const ids = (host: Host): readonly string[] => host.services.list(acme, 50).items.map(({ id }) => id);

/** Refusals are answers, and death is expected; whatever else a request ends with is a fault. */
const tryTo = async (act: () => unknown): Promise<void> => {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof Error && (error.name === "DomainError" || error instanceof Killed))) throw error;
  }
};

const reconcileAll = async (host: Host): Promise<void> => {
  await host.reapOrphans();
  await Promise.all(host.store.host.listActive().map(({ tenantId, id }) => host.reconciler.settled(tenantId, id)));
};

const act = async (host: Host, engine: MemoryEngine, step: Step): Promise<Host> => {
  const idOf = (which: number): string => ids(host)[which] ?? "sim-none";
  switch (step.kind) {
    case "create":
      await tryTo(() => host.services.create(acme, step.lab, { start: true }));
      return host;
    case "control":
      await tryTo(() => host.services.control(acme, idOf(step.which), step.action));
      return host;
    case "node":
      await tryTo(() => host.services.controlNode(acme, idOf(step.which), names[step.node] ?? "a", step.action));
      return host;
    case "change":
      await tryTo(() => host.services.change(acme, idOf(step.which), step.lab));
      return host;
    case "end":
      engine.end(names[step.node] ?? "a");
      return host;
    case "steal": {
      const id = [...engine.containers.keys()][step.which];
      const target = (await engine.list()).containers.find((container) => container.id === id);
      if (target !== undefined) await engine.removeContainer(target.id);
      return host;
    }
    case "reconcile":
      await reconcileAll(host);
      return host;
    case "die": {
      dieAt(engine, step.call, step.moment);
      await reconcileAll(host).catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
      });
      await host.reconciler.stop();
      engine.onCall = () => undefined;
      return aHost({ store: host.file, engine });
    }
  }
};

const expectAsWanted = (host: Host, engine: MemoryEngine): void => {
  const simulations = host.services.list(acme, 50).items;
  const wanted = simulations.flatMap((simulation) =>
    simulation.nodes.flatMap((node) => {
      const goal = goalOf(simulation, node);
      return goal === "absent" ? [] : [{ key: `${simulation.id}/${node.name}`, goal, state: node.state }];
    }),
  );
  const seen = new Map(
    [...engine.containers.values()].map(({ wish, state }) => [`${wish.owner.simulationId}/${wish.owner.part}`, state]),
  );
  expect([...seen.keys()].sort()).toEqual(wanted.map(({ key }) => key).sort());
  expect(engine.containers.size).toBe(seen.size);
  for (const { key, goal, state } of wanted) {
    expect(state, key).toBe(seen.get(key));
    // One that ended by itself stays so; everything else is what somebody wants.
    const allowed: Readonly<Record<string, readonly string[]>> = {
      running: ["running", "exited"],
      paused: ["paused", "exited"],
      stopped: ["exited", "created"],
      killed: ["exited", "created"],
    };
    expect(allowed[goal], key).toContain(seen.get(key));
  }
  const subnets = [...engine.networks.values()].map(({ subnet }) => subnet).sort();
  expect(
    host.store.host
      .listSubnets()
      .map(({ subnet }) => subnet)
      .sort(),
  ).toEqual(subnets);
  for (const { status, error } of simulations) {
    expect(["running", "paused", "stopped"], JSON.stringify(error)).toContain(status);
  }
};

describe("a host that is killed at any call", () => {
  it("ends with exactly what is wanted in the engine, and nothing else", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aStep, { minLength: 3, maxLength: 40 }), async (steps) => {
        const engine = memoryEngine();
        let host = aHost({ engine });
        for (const step of steps) host = await act(host, engine, step);
        // The first look finds what died, the second that nothing is left to do.
        await reconcileAll(host);
        await reconcileAll(host);
        host.queue.admit();
        await reconcileAll(host);
        expectAsWanted(host, engine);
        for (const id of ids(host)) await host.services.control(acme, id, "delete");
        await reconcileAll(host);
        expect([engine.containers.size, engine.networks.size, host.store.host.listSubnets()]).toEqual([0, 0, []]);
        await host.reconciler.stop();
      }),
      { numRuns: 300, endOnFailure: true, timeout: 3000 },
    );
  }, 60_000);
});
