import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import Dockerode from "dockerode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { waitUntil } from "../../local/process/wait-until.ts";
import { readHostId } from "../../sim-host/host-id.ts";
import { canaryTenant } from "../../sim-host/walls/canaries.ts";
import { readNetwork } from "../../sim-host/walls/ipv4.ts";
import type { ControlPlane } from "../support/control-plane.ts";
import { startControlPlane } from "../support/control-plane.ts";
import { testEngine } from "../support/docker-engine.ts";
import { machineTraces, newTraces } from "../support/machine-traces.ts";
import type { SimHostProcess } from "../support/sim-host-process.ts";
import { simClient, startSimHost } from "../support/sim-host-process.ts";

const engine = await testEngine();

const nodesOfOne = 2;
const megabytesOfNode = 64;
/** What the host has room for at a time. */
const simulationsAtOnce = 8;
const boundMilliseconds = 60_000;

/** `isImpaired`: its link takes taps and filters as well. */
const lab = (isImpaired: boolean) => {
  const node = { image: "toolbox", command: ["sleep", "infinity"], limits: { memory: `${megabytesOfNode}MB` } };
  const cable = { nodes: ["a", "b"], ...(isImpaired ? { delay: "5ms" } : {}) };
  return { name: "racing", nodes: { a: node, b: node }, links: { cable } };
};

const Begun = z.object({ simulation: z.object({ id: z.string() }) });
const View = z.object({
  id: z.string(),
  status: z.string(),
  queue: z.object({ place: z.number() }).optional(),
  links: z.array(z.object({ subnet: z.string().optional() })),
});
type View = z.infer<typeof View>;
const Listed = z.object({ simulations: z.array(View) });
const Problem = z.object({ code: z.string() });

describe.skipIf(engine === undefined)("tenants who start simulations at the same moment", () => {
  let directory: string;
  let controlPlane: ControlPlane;
  let host: SimHostProcess;
  let docker: Dockerode;
  /** Others' things may be in the engine. */
  let hostId: string;
  let before: readonly string[];

  const call = (tenant: string, method: string, path: string, body?: unknown): Promise<Response> =>
    simClient(() => host, controlPlane, tenant).call(method, path, body);
  const traces = () => machineTraces(engine?.networkNamespace ?? "");

  beforeAll(async () => {
    if (engine === undefined) return;
    const { socketPath, toolbox } = engine;
    docker = new Dockerode({ socketPath });
    directory = await mkdtemp(join(tmpdir(), "ksim-"));
    controlPlane = await startControlPlane();
    const settings = { SIM_MEMORY_MEGABYTES: String(simulationsAtOnce * nodesOfOne * megabytesOfNode) };
    host = await startSimHost({ directory, socketPath, toolbox, controlPlane, settings });
    hostId = readHostId(join(directory, "data"));
    before = await traces();
  });
  afterAll(async () => {
    if (engine === undefined) return;
    await host.stop();
    await controlPlane.close();
    await rm(directory, { recursive: true, force: true });
  });

  const make = (tenant: string, isImpaired = false): Promise<Response> =>
    call(tenant, "POST", "?start=true", lab(isImpaired));
  const idIn = async (answer: Response): Promise<string> => {
    expect(answer.status).toBe(202);
    return Begun.parse(await answer.json()).simulation.id;
  };
  const list = async (tenant: string): Promise<readonly View[]> =>
    Listed.parse(await (await call(tenant, "GET", "?limit=100")).json()).simulations;
  const remove = async (tenant: string, id: string): Promise<void> => {
    expect((await call(tenant, "DELETE", `/${id}`)).status).toBe(202);
  };
  const running = async (tenant: string, id: string): Promise<View> => {
    let view: View | undefined;
    const isRunning = async (): Promise<boolean> => {
      view = View.parse(await (await call(tenant, "GET", `/${id}`)).json());
      return view.status === "running";
    };
    expect(await waitUntil(isRunning, boundMilliseconds), `${JSON.stringify(view)}\n${host.log()}`).toBe(true);
    return View.parse(view);
  };

  /** Of this host's simulations, its canaries left out. */
  const containers = async () => {
    const all = await docker.listContainers({ all: true, filters: { label: ["kombify.sim.managed=1"] } });
    return all.filter(({ Labels }) => {
      const [owner, tenant] = (Labels["kombify.sim.tenant"] ?? "").split("~");
      return owner === hostId && tenant !== canaryTenant;
    });
  };

  /** All networks that the engine has, whoever's, by the simulation they are of; none touches another one. */
  const expectApart = async (): Promise<ReadonlyMap<string, string>> => {
    const networks = (await docker.listNetworks()).flatMap(({ Name, Labels, IPAM }) =>
      (IPAM?.Config ?? []).flatMap(({ Subnet = "" }) => {
        const range = readNetwork(Subnet);
        return range === undefined ? [] : [{ ...range, Name, Subnet, id: Labels?.["kombify.sim.id"] ?? "" }];
      }),
    );
    const inOrder = networks.toSorted((one, other) => one.first - other.first);
    const touching = inOrder.filter(({ first }, index) => first <= (inOrder[index - 1]?.last ?? -1));
    expect(touching).toEqual([]);
    return new Map(networks.map(({ id, Subnet }) => [id, Subnet]));
  };

  const rowsOfSubnets = (): number => {
    const database = new DatabaseSync(join(directory, "data", "simulations.sqlite"), { readOnly: true });
    try {
      const rows = database.prepare("SELECT count(*) AS n FROM subnets WHERE tenant_id <> ?").get(canaryTenant);
      return Number(rows?.["n"]);
    } finally {
      database.close();
    }
  };

  const expectNothingLeft = async (tenants: readonly string[]): Promise<void> => {
    const left = async () => (await Promise.all(tenants.map(list))).flat();
    await expect.poll(left, { timeout: boundMilliseconds }).toEqual([]);
    expect([await containers(), rowsOfSubnets()]).toEqual([[], 0]);
    // The kernel takes a device away a moment after the end of the process that held it.
    await expect.poll(async () => newTraces(await traces(), before), { timeout: boundMilliseconds }).toEqual([]);
  };

  it("fifty times get links that touch nobody's, see nothing of each other, and leave nothing", async () => {
    const tenants = ["acme", "globex"] as const;
    const made = { acme: new Set<string>(), globex: new Set<string>() };
    for (let round = 0; round < 50; round += 1) {
      const ids = await Promise.all(tenants.map(async (tenant) => idIn(await make(tenant, tenant === "acme"))));
      const [acmes = "", globexs = ""] = ids;
      made.acme.add(acmes);
      made.globex.add(globexs);
      const views = await Promise.all([running("acme", acmes), running("globex", globexs)]);
      const subnets = await expectApart();
      for (const { id, links } of views) expect(links).toEqual([{ subnet: subnets.get(id) }]);
      for (const tenant of tenants) {
        const seen = (await list(tenant)).map(({ id }) => id);
        expect(seen.filter((id) => !made[tenant].has(id))).toEqual([]);
      }
      expect((await call("globex", "GET", `/${acmes}`)).status).toBe(404);
      expect((await call("acme", "DELETE", `/${globexs}`)).status).toBe(404);
      // Nobody waits for their end: the next ones come while these are taken away.
      await Promise.all([remove("acme", acmes), remove("globex", globexs)]);
    }
    expect([made.acme.size, made.globex.size]).toEqual([50, 50]);
    await expectNothingLeft(tenants);
  }, 240_000);

  /** So many at once; answers the ids of those that were accepted. All others are refused as the plan has it. */
  const makeAtOnce = async (tenant: string, count: number): Promise<readonly string[]> => {
    const answers = await Promise.all(Array.from({ length: count }, () => make(tenant)));
    const refused = answers.filter(({ status }) => status !== 202);
    for (const answer of refused) {
      const { code } = Problem.parse(await answer.json());
      expect([answer.status, code]).toEqual([409, "simulation-limit-reached"]);
    }
    return Promise.all(answers.filter(({ status }) => status === 202).map(idIn));
  };

  it("get exactly what their plan allows, and never more of the host than it has", async () => {
    const tenants = ["initech", "umbrella"];
    const allowed = 5;
    for (const tenant of tenants) controlPlane.set(tenant, { plan: "pro" });
    const accepted = await Promise.all(tenants.map((tenant) => makeAtOnce(tenant, 12)));
    expect(accepted.map((ids) => ids.length)).toEqual([allowed, allowed]);
    // One place more, for which three come at once.
    await remove("initech", accepted[0]?.[0] ?? "");
    expect(await makeAtOnce("initech", 3)).toHaveLength(1);

    const statuses = async () => (await Promise.all(tenants.map(list))).flat();
    let queuedMost = 0;
    const isOver = async (): Promise<boolean> => {
      const there = await containers();
      expect(there.length).toBeLessThanOrEqual(simulationsAtOnce * nodesOfOne);
      await expectApart();
      const views = await statuses();
      const places = views.flatMap(({ queue }) => queue?.place ?? []).toSorted();
      expect(places).toEqual(places.map((_, index) => index + 1));
      queuedMost = Math.max(queuedMost, places.length);
      const isFull = views.filter(({ status }) => status === "running").length === simulationsAtOnce;
      if (!isFull || views.length > tenants.length * allowed) return false;
      expect(places).toHaveLength(tenants.length * allowed - simulationsAtOnce);
      return true;
    };
    expect(await waitUntil(isOver, boundMilliseconds), host.log()).toBe(true);
    expect(queuedMost).toBeGreaterThanOrEqual(tenants.length * allowed - simulationsAtOnce);

    // Whoever waits gets the room of those who leave, and not before they have.
    const ended = new Set<string>();
    const areAllGone = async (): Promise<boolean> => {
      expect((await containers()).length).toBeLessThanOrEqual(simulationsAtOnce * nodesOfOne);
      for (const tenant of tenants) {
        const next = (await list(tenant)).find(({ id, status }) => status === "running" && !ended.has(id));
        if (next === undefined) continue;
        ended.add(next.id);
        await remove(tenant, next.id);
      }
      return ended.size === tenants.length * allowed;
    };
    expect(await waitUntil(areAllGone, boundMilliseconds), host.log()).toBe(true);
    await expectNothingLeft(tenants);
  }, 120_000);
});
