import { z } from "zod";
import { callSlots } from "../sim-host/engine/call-slots.ts";
import { containerOptions, endpointOptions } from "../sim-host/engine/container-options.ts";
import type { ContainerWish, DockerId, Owner } from "../sim-host/engine/ports.ts";
import { bridgeName, containerName } from "../sim-host/engine/names.ts";
import { networkOptions } from "../sim-host/engine/network-options.ts";
import type { BenchEngine, BenchSimHost } from "./bench-sim-host.ts";
import { openBenchSimHost } from "./bench-sim-host.ts";
import type { Pair } from "./harness.ts";
import { timed } from "./harness.ts";

const tenantId = "bench";
/** As many calls at once as the host makes. */
const atOnceMax = 16;
const slotMilliseconds = 120_000;
const linkNames = ["lan-1", "lan-2", "lan-3", "lan-4"] as const;
const nodeNames = Array.from({ length: 20 }, (_, index) => `node-${index + 1}`);
const command = ["sleep", "infinity"];

/** Five nodes on each link, and the first of every link on the one before, too, as a router would be. */
const nodesOf = (link: number): readonly string[] => nodeNames.slice(link * 5, link * 5 + 6);

const topology = {
  name: "bench",
  nodes: Object.fromEntries(nodeNames.map((name) => [name, { image: "toolbox", command }])),
  links: Object.fromEntries(linkNames.map((name, link) => [name, { nodes: nodesOf(link) }])),
};

interface Times {
  readonly start: number;
  readonly remove: number;
}

const cycleOfHost = async (host: BenchSimHost): Promise<Times> => {
  let id = "";
  const start = await timed(async () => (id = await host.start(tenantId, topology)));
  return { start, remove: await timed(() => host.remove(tenantId, id)) };
};

const Made = z.object({ id: z.custom<DockerId>((id) => typeof id === "string") });

/** Nobody else's, and outside what hosts give out. */
const subnetOf = (link: number): string => `10.219.77.${link * 32}/27`;

/** The calls that make the same things, and nothing else: written by hand, without records, checks or second looks. */
const rawCalls = ({ docker, toolbox }: BenchEngine, round: string) => {
  const ownerOf = (part: string): Owner => ({ tenantId: "bench-raw", simulationId: round, part, generation: 1 });
  const createNetwork = async (link: number): Promise<DockerId> => {
    const owner = ownerOf(linkNames[link] ?? "");
    const wish = { owner, bridgeName: bridgeName(owner), subnet: subnetOf(link) };
    return Made.parse(await docker.createNetwork(networkOptions(wish, false))).id;
  };
  const wishOf = (node: string, networks: readonly DockerId[]): ContainerWish => ({
    ...{ owner: ownerOf(node), imageId: toolbox.imageId, command, environment: {}, hostname: node },
    ...{ memoryMegabytes: 64, cpus: 0.25, pidsMax: 64 },
    attachments: networks.flatMap((networkId, link) => {
      const place = nodesOf(link).indexOf(node);
      const ipAddress = `10.219.77.${link * 32 + 2 + place}`;
      return place < 0 ? [] : [{ networkId, ipAddress, aliases: [node] }];
    }),
  });
  const makeNode = async (node: string, networks: readonly DockerId[]): Promise<DockerId> => {
    const wish = wishOf(node, networks);
    const body = containerOptions(wish, { hasInit: true });
    const { id } = Made.parse(await docker.createContainer({ ...body, name: containerName(wish.owner) }));
    for (const attachment of wish.attachments.slice(1)) {
      const options = { Container: id, EndpointConfig: endpointOptions(attachment) };
      await docker.getNetwork(attachment.networkId).connect(options);
    }
    await docker.getContainer(id).start();
    return id;
  };
  return { createNetwork, makeNode };
};

const cycleOfCalls = async (engine: BenchEngine, round: string, slotsMax: number): Promise<Times> => {
  const { docker } = engine;
  const slots = callSlots(slotsMax, slotMilliseconds);
  const { createNetwork, makeNode } = rawCalls(engine, round);
  const all = <T, R>(things: readonly T[], act: (thing: T) => Promise<R>): Promise<readonly R[]> =>
    Promise.all(things.map((thing) => slots(() => act(thing))));
  let networks: readonly DockerId[] = [];
  let nodes: readonly DockerId[] = [];
  const start = await timed(async () => {
    networks = await all([...linkNames.keys()], createNetwork);
    nodes = await all(nodeNames, (node) => makeNode(node, networks));
  });
  const remove = await timed(async () => {
    await all(nodes, (id) => docker.getContainer(id).remove({ force: true, v: true }));
    await all(networks, (id) => docker.getNetwork(id).remove());
  });
  return { start, remove };
};

type Side = "host" | "parallel" | "sequence";
type Round = Readonly<Record<Side, Times>>;

/** Rounds of all three sides in turn; who goes first changes. Each is played once, for all pairs. */
const makeRounds = (engine: BenchEngine, openHost: () => Promise<BenchSimHost>) => {
  const rounds: Promise<Round>[] = [];
  const play = async (number: number): Promise<Round> => {
    const host = await openHost();
    const sides: Record<Side, () => Promise<Times>> = {
      host: () => cycleOfHost(host),
      parallel: () => cycleOfCalls(engine, `parallel-${number}`, atOnceMax),
      sequence: () => cycleOfCalls(engine, `sequence-${number}`, 1),
    };
    const order = (["host", "parallel", "sequence", "host", "parallel"] as const).slice(number % 3, (number % 3) + 3);
    const times: Partial<Record<Side, Times>> = {};
    for (const side of order) times[side] = await sides[side]();
    const { host: ours, parallel, sequence } = times;
    if (ours === undefined || parallel === undefined || sequence === undefined) throw new Error("A side is missing.");
    return { host: ours, parallel, sequence };
  };
  return (number: number): Promise<Round> => (rounds[number] ??= play(number));
};

const words = {
  start: "POST to running",
  remove: "DELETE to gone",
  parallel: "the raw calls, 16 at once",
  sequence: "the raw calls, one by one",
} as const;

/**
 * A simulation of 20 nodes in 4 networks, from the request to the host (a process of its own) until it runs, and until
 * nothing is left of it, against the same calls to the same engine by a script.
 */
export const simulationStart = (engine: BenchEngine): readonly Pair[] => {
  let opened: Promise<BenchSimHost> | undefined;
  const round = makeRounds(engine, () => (opened ??= openBenchSimHost(engine)));
  const pairOf = (name: string, phase: keyof Times, side: Exclude<Side, "host">, max: number): Pair => ({
    name,
    bound: { kind: "ratio", max },
    measured: words[phase],
    baseline: words[side],
    rounds: 6,
    warmUp: 1,
    open: () => {
      const numbers = { measure: -1, compare: -1 };
      return Promise.resolve({
        measure: async () => (await round((numbers.measure += 1))).host[phase],
        compare: async () => (await round((numbers.compare += 1)))[side][phase],
        close: async () => {
          await (await opened)?.close();
          opened = undefined;
        },
      });
    },
  });
  return [
    pairOf("Simulation of 20 nodes: start", "start", "parallel", 1.3),
    pairOf("Simulation of 20 nodes: start, in sequence", "start", "sequence", 0.5),
    pairOf("Simulation of 20 nodes: delete", "remove", "parallel", 1.3),
    pairOf("Simulation of 20 nodes: delete, in sequence", "remove", "sequence", 0.5),
  ];
};
