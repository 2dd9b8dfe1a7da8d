import { describe, expect, it } from "vitest";
import { aHost, aStanding, aTopology } from "../../tests/support/sim-host.ts";

const acme = aStanding("acme");
const text = (nodes: readonly string[], more = {}): string => JSON.stringify(aTopology(nodes, more));

const states = (host: ReturnType<typeof aHost>): Record<string, string> =>
  Object.fromEntries([...host.engine.containers.values()].map(({ wish, state }) => [wish.owner.part, state]));

const aRunning = async (host: ReturnType<typeof aHost>, nodes = ["a", "b"], more = {}) => {
  const { simulation, operation } = await host.services.create(acme, text(nodes, more), { start: true });
  await host.reconciler.settled("acme", simulation.id);
  return { id: simulation.id, operation };
};

describe("reconciling a simulation", () => {
  it("makes its networks and nodes, with an address each, and says when it runs", async () => {
    const host = aHost();
    const { id, operation } = await aRunning(host);
    expect(states(host)).toEqual({ a: "running", b: "running" });
    const simulation = host.services.get(acme, id);
    expect(simulation).toMatchObject({ status: "running", wanted: "running" });
    expect(simulation.links[0]).toMatchObject({
      subnet: "10.111.0.0/27",
      addresses: { a: "10.111.0.2", b: "10.111.0.3" },
    });
    expect(simulation.expiresAt).toBeDefined();
    expect(simulation.deadlineAt).toBeUndefined();
    const done = host.services.operation(acme, id, operation.id);
    expect(done).toMatchObject({ status: "succeeded", kind: "create" });
    expect(done.stepsDone).toBe(done.stepsTotal);
  });

  it("takes everything away when it is stopped, addresses too, and makes it anew when it is started", async () => {
    const host = aHost();
    const { id } = await aRunning(host);
    await host.services.control(acme, id, "stop");
    await host.reconciler.settled("acme", id);
    expect([host.engine.containers.size, host.engine.networks.size, host.store.host.listSubnets()]).toEqual([0, 0, []]);
    expect(host.services.get(acme, id).status).toBe("stopped");
    expect(host.store.host.listActive()).toEqual([]);
    await host.services.control(acme, id, "start");
    await host.reconciler.settled("acme", id);
    expect(states(host)).toEqual({ a: "running", b: "running" });
  });

  it("leaves nothing of a deleted one but the operation that says so", async () => {
    const host = aHost();
    const { id } = await aRunning(host);
    const { operation } = await host.services.control(acme, id, "delete");
    await host.reconciler.settled("acme", id);
    expect([host.engine.containers.size, host.engine.networks.size, host.store.host.listSubnets()]).toEqual([0, 0, []]);
    expect(() => host.services.get(acme, id)).toThrow(
      expect.objectContaining({ code: "simulation-not-found" }) as Error,
    );
    expect(host.services.operation(acme, id, operation.id).status).toBe("succeeded");
  });

  it("ends no operation that began while it looked before that is done, whenever that was", async () => {
    const momentsMax = 30;
    for (let moment = 0; moment < momentsMax; moment += 1) {
      const host = aHost();
      const { id } = await aRunning(host);
      host.wake("acme", id);
      for (let tick = 0; tick < moment; tick += 1) await Promise.resolve();
      const { operation } = await host.services.controlNode(acme, id, "a", "restart");
      const starts = () => host.services.get(acme, id).nodes.find(({ name }) => name === "a")?.startsDone;
      const isOver = () => host.services.operation(acme, id, operation.id).status !== "running";
      const settled = host.reconciler.settled("acme", id);
      while (!isOver()) await Promise.resolve();
      expect(starts(), `moment ${moment}`).toBe(2);
      await settled;
    }
  });

  it("pauses and resumes all nodes, but for those that were stopped by hand", async () => {
    const host = aHost();
    const { id } = await aRunning(host, ["a", "b", "c"]);
    await host.services.controlNode(acme, id, "c", "stop");
    await host.services.control(acme, id, "pause");
    await host.reconciler.settled("acme", id);
    expect(states(host)).toEqual({ a: "paused", b: "paused", c: "exited" });
    await host.services.control(acme, id, "resume");
    await host.reconciler.settled("acme", id);
    expect(states(host)).toEqual({ a: "running", b: "running", c: "exited" });
    expect(host.services.get(acme, id).status).toBe("running");
  });

  it("leaves a node that ended by itself as it is, until somebody starts it", async () => {
    const host = aHost();
    const { id } = await aRunning(host);
    host.engine.end("a");
    await host.reconciler.settled("acme", id);
    expect(host.services.get(acme, id).nodes[0]).toMatchObject({ state: "exited", exitCode: 137 });
    expect(states(host)).toEqual({ a: "exited", b: "running" });
    await host.services.controlNode(acme, id, "a", "start");
    await host.reconciler.settled("acme", id);
    expect(states(host)).toEqual({ a: "running", b: "running" });
  });

  it("starts a node once for one restart", async () => {
    const host = aHost();
    const { id } = await aRunning(host);
    await host.services.controlNode(acme, id, "a", "restart");
    await host.reconciler.settled("acme", id);
    await host.reconciler.settled("acme", id);
    const starts = [...host.engine.containers.values()].map(({ wish, starts }) => [wish.owner.part, starts]);
    expect(Object.fromEntries(starts)).toEqual({ a: 2, b: 1 });
  });

  it("makes anew only what another file changes", async () => {
    const host = aHost();
    const { id } = await aRunning(host, ["a", "b", "c"]);
    const before = new Map(
      [...host.engine.containers].map(([containerId, { wish }]) => [wish.owner.part, containerId]),
    );
    const changed = aTopology(["a", "b", "c"]);
    const nodes = changed.nodes.map((node) => (node.name === "b" ? { ...node, environment: { X: "1" } } : node));
    await host.services.change(acme, id, JSON.stringify({ ...changed, nodes }));
    await host.reconciler.settled("acme", id);
    const after = new Map([...host.engine.containers].map(([containerId, { wish }]) => [wish.owner.part, containerId]));
    expect([after.get("a") === before.get("a"), after.get("b") === before.get("b")]).toEqual([true, false]);
    expect(states(host)).toEqual({ a: "running", b: "running", c: "running" });
  });

  it("lays a link anew when its nodes change", async () => {
    const host = aHost();
    const { id } = await aRunning(host, ["a", "b"]);
    await host.services.change(acme, id, text(["a", "b", "c"]));
    await host.reconciler.settled("acme", id);
    expect(states(host)).toEqual({ a: "running", b: "running", c: "running" });
    expect(host.engine.networks.size).toBe(1);
    expect(host.services.get(acme, id).links[0]?.addresses).toMatchObject({ c: "10.111.0.4" });
  });

  it("impairs links as the file says, changes them live, and again after a node's new start", async () => {
    const host = aHost();
    const lan = { name: "lan", nodes: ["a", "b"], impairment: { delayMilliseconds: 5 }, directions: [] };
    const { id } = await aRunning(host, ["a", "b"], { links: [lan] });
    expect([...host.links.ports.values()].map(({ bySource }) => bySource[0]?.impairment)).toEqual([
      { delayMilliseconds: 5 },
      { delayMilliseconds: 5 },
    ]);
    await host.services.changeLink(acme, id, "lan", {
      directions: [{ from: "a", to: "b", impairment: { lossPercent: 20 } }],
    });
    expect([...host.links.ports.values()].map(({ bySource }) => bySource[0]?.impairment)).toContainEqual({
      lossPercent: 20,
    });
    await host.services.changeLink(acme, id, "lan", { impairment: {} });
    expect(host.links.ports.size).toBe(0);
    await host.services.changeLink(acme, id, "lan", { isDown: true });
    expect([...host.links.ports.values()].map(({ isDown }) => isDown)).toEqual([true, true]);
  });

  it("gives up what cannot be made, takes the rest away and says why", async () => {
    const host = aHost();
    const nodes = aTopology(["a", "b"]).nodes.map((node) => (node.name === "b" ? { ...node, image: "gone" } : node));
    const { simulation, operation } = await host.services.create(acme, text(["a", "b"], { nodes }), { start: true });
    await host.reconciler.settled("acme", simulation.id);
    await host.reconciler.settled("acme", simulation.id);
    expect(host.services.get(acme, simulation.id)).toMatchObject({
      status: "failed",
      error: { code: "topology-invalid", detail: expect.stringContaining("no image gone") as string },
    });
    expect([host.engine.containers.size, host.engine.networks.size, host.store.host.listSubnets()]).toEqual([0, 0, []]);
    expect(host.services.operation(acme, simulation.id, operation.id).status).toBe("failed");
  });

  it("says that there are no addresses left, leaves nothing half made, and starts once some are free", async () => {
    const host = aHost();
    const links = Array.from({ length: 40 }, (_, index) => ({
      ...{ name: `lan-${index}`, nodes: ["a", "b"], impairment: {}, directions: [] },
    }));
    const first = await aRunning(host, ["a", "b"], { links });
    const second = await aRunning(host, ["a", "b"], { links });
    await host.reconciler.settled("acme", second.id);
    expect(host.services.get(acme, second.id)).toMatchObject({
      status: "failed",
      error: { code: "no-room", detail: expect.stringContaining("no addresses left") as string },
    });
    expect(host.services.get(acme, first.id).status).toBe("running");
    expect([host.engine.networks.size, host.store.host.listSubnets().length]).toEqual([40, 40]);
    await host.services.control(acme, first.id, "delete");
    await host.reconciler.settled("acme", first.id);
    await host.services.control(acme, second.id, "start");
    await host.reconciler.settled("acme", second.id);
    expect(host.services.get(acme, second.id).status).toBe("running");
  });

  it("gives up what takes longer than its deadline", async () => {
    let now = Date.UTC(2026, 0, 1);
    const host = aHost({ now: () => new Date(now), areWallsUp: () => false });
    const { simulation } = await host.services.create(acme, text(["a", "b"]), { start: true });
    await expect(host.reconcile("acme", simulation.id)).rejects.toThrow("walls");
    expect([host.services.get(acme, simulation.id).status, host.engine.networks.size]).toEqual(["starting", 0]);
    now += 3_600_000;
    await host.reconcile("acme", simulation.id);
    expect(host.services.get(acme, simulation.id).status).toBe("failed");
  });

  it("refuses what the plan does not give, in one turn with what it takes", async () => {
    const host = aHost();
    const free = aStanding("initech", "free");
    const six = text(["a", "b", "c", "d", "e", "f"]);
    await expect(async () => host.services.create(free, six, { start: true })).rejects.toThrow(
      expect.objectContaining({
        code: "plan-required",
        facts: expect.objectContaining({ requiredPlan: "pro" }) as object,
      }) as Error,
    );
    const attempts = await Promise.allSettled(
      Array.from({ length: 20 }, async () => host.services.create(free, text(["a"]), { start: true })),
    );
    expect(attempts.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("answers a repeated request with the same simulation, and another one with the same key not at all", async () => {
    const host = aHost();
    const options = { start: true, idempotencyKey: "key-1" };
    const [one, two] = await Promise.all([
      host.services.create(acme, text(["a"]), options),
      host.services.create(acme, text(["a"]), options),
    ]);
    expect(two.simulation.id).toBe(one.simulation.id);
    await expect(async () => host.services.create(acme, text(["b"]), options)).rejects.toThrow(
      expect.objectContaining({ code: "idempotency-key-reused" }) as Error,
    );
  });

  it("shows nothing of another tenant's", async () => {
    const host = aHost();
    const { id, operation } = await aRunning(host);
    const globex = aStanding("globex");
    const attempts: (() => unknown)[] = [
      () => host.services.get(globex, id),
      () => host.services.control(globex, id, "delete"),
      () => host.services.controlNode(globex, id, "a", "kill"),
      () => host.services.changeLink(globex, id, "lan", { isDown: true }),
      () => host.services.operation(globex, id, operation.id),
      () => host.services.extend(globex, id, 5),
      () => host.services.events(globex, id, 0, AbortSignal.timeout(1_000)),
    ];
    for (const attempt of attempts) {
      await expect(Promise.resolve().then(attempt)).rejects.toThrow(
        expect.objectContaining({ code: "simulation-not-found" }) as Error,
      );
    }
    expect(host.services.list(globex, 10).items).toEqual([]);
    expect(states(host)).toEqual({ a: "running", b: "running" });
  });
});
