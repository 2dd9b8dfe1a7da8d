import Dockerode from "dockerode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { waitUntil } from "../../local/process/wait-until.ts";
import { testEngine } from "../support/docker-engine.ts";
import type { KillableHost } from "../support/killable-host.ts";
import { startKillableHost } from "../support/killable-host.ts";

const engine = await testEngine();

const lab = {
  name: "crashing",
  nodes: {
    a: { image: "toolbox", command: ["sleep", "infinity"] },
    b: { image: "toolbox", command: ["sleep", "infinity"] },
  },
  links: { cable: { nodes: ["a", "b"], delay: "5ms" } },
};

interface Command {
  readonly name: string;
  /** Method and what follows the simulation's id; undefined: it is made. */
  readonly request?: string;
  /** What is done before it, undisturbed. */
  readonly before: readonly string[];
  readonly leadsTo: "running" | "paused" | "gone";
  /** Changes that it takes on every release of the engine: two nodes and a link. */
  readonly changesMin: number;
}

const commands: readonly Command[] = [
  { name: "create", before: [], leadsTo: "running", changesMin: 5 },
  { name: "delete", request: "DELETE ", before: [], leadsTo: "gone", changesMin: 3 },
  { name: "pause", request: "POST /pause", before: [], leadsTo: "paused", changesMin: 2 },
  { name: "resume", request: "POST /resume", before: ["POST /pause"], leadsTo: "running", changesMin: 2 },
  { name: "restart a node", request: "POST /nodes/a/restart", before: [], leadsTo: "running", changesMin: 2 },
];
/** More changes than any command makes. */
const roundsMax = 12;
const boundMilliseconds = 60_000;

const Begun = z.object({ simulation: z.object({ id: z.string() }), operation: z.object({ id: z.string() }) });
const Listed = z.object({ simulations: z.array(z.object({ id: z.string() })) });
const Operation = z.object({ status: z.string() });
const View = z.object({ status: z.string() });

describe.skipIf(engine === undefined)("a simulation host that is killed", () => {
  /** Side by side: a host's start is mostly waiting for what its walls keep from passing. */
  const hosts: KillableHost[] = [];
  let docker: Dockerode;

  beforeAll(async () => {
    if (engine === undefined) return;
    docker = new Dockerode({ socketPath: engine.socketPath });
    for (let count = 0; count < 3; count += 1) hosts.push(await startKillableHost(engine));
  });
  afterAll(() => Promise.all(hosts.map((host) => host.close())));

  /** Answers the simulation's id when the operation is over. */
  const carryOut = async (host: KillableHost, method: string, path: string): Promise<string> => {
    const answer = await host.call(method, path, path === "?start=true" ? lab : undefined);
    expect(answer.status, `${method} ${path}`).toBe(202);
    const { simulation, operation } = Begun.parse(await answer.json());
    const isOver = async (): Promise<boolean> => {
      const seen = await host.call("GET", `/${simulation.id}/operations/${operation.id}`);
      return seen.status === 404 || Operation.parse(await seen.json()).status !== "running";
    };
    expect(await waitUntil(isOver, boundMilliseconds), `${method} ${path}\n${host.log()}`).toBe(true);
    return simulation.id;
  };
  const order = (host: KillableHost, id: string, request: string): Promise<string> => {
    const [method = "", path = ""] = request.split(" ");
    return carryOut(host, method, `/${id}${path}`);
  };

  /** What there is of it: by the record, by the engine's labels, and in the ledger of subnets. */
  const pictureOf = async (host: KillableHost, id: string) => {
    const filters = { label: [`kombify.sim.id=${id}`] };
    const answer = await host.call("GET", `/${id}`);
    const containers = await docker.listContainers({ all: true, filters });
    return {
      status: answer.status === 404 ? "gone" : View.parse(await answer.json()).status,
      nodes: Object.fromEntries(containers.map(({ Labels, State }) => [Labels["kombify.sim.part"] ?? "", State])),
      containers: containers.length,
      networks: (await docker.listNetworks({ filters })).length,
      subnets: host.subnetsOf(id),
    };
  };
  const expectToBe = async (host: KillableHost, id: string, status: Command["leadsTo"]): Promise<void> => {
    const parts =
      status === "gone"
        ? { nodes: {}, containers: 0, networks: 0, subnets: 0 }
        : { nodes: { a: status, b: status }, containers: 2, networks: 1, subnets: 1 };
    const poll = expect.poll(() => pictureOf(host, id), { timeout: boundMilliseconds, interval: 25 });
    await poll.toEqual({ status, ...parts });
  };
  /** When a node was started last; empty when it is not there. */
  const beginOf = async (id: string): Promise<string> => {
    const filters = { label: [`kombify.sim.id=${id}`, "kombify.sim.part=a"] };
    const [container] = await docker.listContainers({ all: true, filters });
    return container === undefined ? "" : (await docker.getContainer(container.Id).inspect()).State.StartedAt;
  };

  /** The only simulation, also when a host was killed before it had answered which that is. */
  const onlyOne = async (host: KillableHost): Promise<string> => {
    const { simulations } = Listed.parse(await (await host.call("GET", "")).json());
    expect(simulations).toHaveLength(1);
    return simulations[0]?.id ?? "";
  };

  /** True: the command made so many changes, and the host was killed at that one. */
  const round = async (host: KillableHost, { request, before, leadsTo }: Command, change: number) => {
    const made = request === undefined ? undefined : await carryOut(host, "POST", "?start=true");
    for (const each of before) await order(host, made ?? "", each);
    const begin = made === undefined ? "" : await beginOf(made);
    const wasKilled = await host.withDeathAt(change, async () => {
      if (request === undefined || made === undefined) await carryOut(host, "POST", "?start=true");
      else await order(host, made, request);
    });
    const id = made ?? (await onlyOne(host));
    await expectToBe(host, id, leadsTo);
    if (request?.endsWith("/restart") === true) expect(await beginOf(id)).not.toBe(begin);
    if (leadsTo !== "gone") await order(host, id, "DELETE ");
    await expectToBe(host, id, "gone");
    return wasKilled;
  };

  /** Rounds of each command, until one of them ends without a kill: then all its changes were met. */
  const progress = commands.map((command) => ({
    command,
    begun: 0,
    underWay: 0,
    killedAt: new Set<number>(),
    isOver: false,
  }));
  const work = async (host: KillableHost): Promise<void> => {
    for (;;) {
      const [next] = progress
        .filter(({ isOver, begun }) => !isOver && begun < roundsMax)
        .toSorted((one, other) => one.underWay - other.underWay || one.begun - other.begun);
      if (next === undefined) return;
      next.begun += 1;
      next.underWay += 1;
      const change = next.begun;
      if (await round(host, next.command, change)) next.killedAt.add(change);
      else next.isOver = true;
      next.underWay -= 1;
    }
  };

  it("at any change that a command makes ends as the command wants it, with nothing left behind", async () => {
    await Promise.all(hosts.map(work));
    for (const { command, killedAt, isOver } of progress) {
      const changes = Array.from({ length: command.changesMin }, (_, index) => index + 1);
      expect([...killedAt], command.name).toEqual(expect.arrayContaining(changes));
      expect(isOver, command.name).toBe(true);
    }
  }, 300_000);
});
