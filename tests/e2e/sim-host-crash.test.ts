import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import Dockerode from "dockerode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitUntil } from "../../local/process/wait-until.ts";
import type { ControlPlane } from "../support/control-plane.ts";
import { startControlPlane } from "../support/control-plane.ts";
import { testEngine } from "../support/docker-engine.ts";
import type { EngineProxy } from "../support/engine-proxy.ts";
import { startEngineProxy } from "../support/engine-proxy.ts";
import type { SimHostProcess } from "../support/sim-host-process.ts";
import { simClient, startSimHost } from "../support/sim-host-process.ts";

const engine = await testEngine();

const lab = {
  name: "crashing",
  nodes: {
    a: { image: "toolbox", command: ["sleep", "infinity"] },
    b: { image: "toolbox", command: ["sleep", "infinity"] },
  },
  links: { cable: { nodes: ["a", "b"], delay: "5ms" } },
};

/** What is done to a simulation, one after the other; the host is killed somewhere in between. */
const commands = ["POST /pause", "POST /resume", "POST /nodes/a/restart", "DELETE "] as const;
/** More than all commands make; the last rounds see no kill, which is how the end is known. */
const roundsMax = 40;

interface Seen {
  readonly id: string;
  readonly status: string;
  readonly nodes: readonly { readonly name: string; readonly state: string }[];
}

describe.skipIf(engine === undefined)("a simulation host that is killed", () => {
  let directory: string;
  let controlPlane: ControlPlane;
  let proxy: EngineProxy;
  let host: SimHostProcess;
  let docker: Dockerode;

  const start = async (): Promise<void> => {
    if (engine === undefined) throw new Error("no engine");
    const { toolbox } = engine;
    host = await startSimHost({ directory, socketPath: proxy.socketPath, toolbox, controlPlane });
  };
  beforeAll(async () => {
    if (engine === undefined) return;
    directory = await mkdtemp(join(tmpdir(), "ksim-"));
    controlPlane = await startControlPlane();
    proxy = await startEngineProxy(engine.socketPath, join(directory, "engine.sock"));
    docker = new Dockerode({ socketPath: engine.socketPath });
    await start();
  });
  afterAll(async () => {
    if (engine === undefined) return;
    await host.stop();
    await proxy.close();
    await controlPlane.close();
    await rm(directory, { recursive: true, force: true });
  });

  const client = () => simClient(() => host, controlPlane, "acme");
  const read = async (id: string): Promise<Seen | undefined> => {
    const response = await client().call("GET", `/${id}`);
    return response.status === 404 ? undefined : ((await response.json()) as Seen);
  };
  /** What the engine has of it, by labels. */
  const inEngine = async (id: string) => {
    const filters = { label: [`kombify.sim.id=${id}`] };
    const containers = await docker.listContainers({ all: true, filters });
    const networks = await docker.listNetworks({ filters });
    const states = containers.map(({ Labels, State }) => [Labels["kombify.sim.part"] ?? "", State] as const);
    return { states: Object.fromEntries(states), containers: containers.length, networks: networks.length };
  };
  const subnets = (id: string): number => {
    const database = new DatabaseSync(join(directory, "data", "simulations.sqlite"), { readOnly: true });
    try {
      return Number(database.prepare("SELECT count(*) AS n FROM subnets WHERE simulation_id = ?").get(id)?.["n"]);
    } finally {
      database.close();
    }
  };
  const isResting = (status: string): boolean => ["running", "paused", "stopped", "failed"].includes(status);
  const untilResting = async (id: string): Promise<Seen | undefined> => {
    let seen: Seen | undefined;
    await waitUntil(async () => {
      seen = await read(id);
      return seen === undefined || isResting(seen.status);
    }, 60_000);
    return seen;
  };

  /** Kills the host at its nth changing call, counted from now, and starts it again. True: it was killed. */
  const withDeathAt = async (call: number, act: () => Promise<void>): Promise<boolean> => {
    let left = call;
    let death: Promise<void> | undefined;
    proxy.onChange = async (_call, moment) => {
      if (moment === "after") left -= 1;
      if (left > 0 || death !== undefined) return;
      death = host.kill();
      await death;
    };
    await act().catch(() => undefined);
    proxy.onChange = () => undefined;
    if (death === undefined) return false;
    await death;
    await start();
    return true;
  };

  /** As its state says, the engine has it, and nothing else. */
  const expectAsRecorded = async (id: string): Promise<void> => {
    const seen = await untilResting(id);
    const there = await inEngine(id);
    if (seen === undefined || seen.status === "stopped") {
      expect([there.containers, there.networks, subnets(id)]).toEqual([0, 0, 0]);
      return;
    }
    expect(seen.status, `${JSON.stringify(seen)}\n${host.log()}`).toMatch(/running|paused/);
    expect(there.states).toEqual({ a: seen.status, b: seen.status });
    expect([there.containers, there.networks, subnets(id)]).toEqual([2, 1, 1]);
  };

  it("at each of its calls to the engine ends as it is wanted, with nothing left behind", async () => {
    let kills = 0;
    for (let call = 1; call <= roundsMax; call += 1) {
      let id = "";
      const wasKilled = await withDeathAt(call, async () => {
        const made = await client().call("POST", "?start=true", lab);
        id = ((await made.json()) as { simulation: Seen }).simulation.id;
        for (const command of commands) {
          await untilResting(id);
          const [method = "", path = ""] = command.split(" ");
          await client().call(method, `/${id}${path}`);
        }
        await untilResting(id);
      });
      if (wasKilled && id !== "") await expectAsRecorded(id);
      if (id !== "") {
        await client().call("DELETE", `/${id}`);
        await waitUntil(async () => (await read(id)) === undefined, 60_000);
        expect([(await inEngine(id)).containers, (await inEngine(id)).networks, subnets(id)]).toEqual([0, 0, 0]);
      }
      if (!wasKilled) break;
      kills += 1;
    }
    // Making takes five calls, and every later command at least one.
    expect(kills).toBeGreaterThan(12);
    expect(kills).toBeLessThan(roundsMax);
  }, 900_000);
});
