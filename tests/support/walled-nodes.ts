import { dockerId } from "../../sim-host/engine/docker-id.ts";
import { bridgeName } from "../../sim-host/engine/names.ts";
import type { DockerId, Engine, Owner } from "../../sim-host/engine/ports.ts";
import type { Attempt, PlannedProbe } from "../../sim-host/walls/probe-script.ts";
import { probeWords } from "../../sim-host/walls/probe-words.ts";
import { probeScript, readProbes } from "../../sim-host/walls/probe-script.ts";
import { makeRunTool } from "../../sim-host/walls/run-tool.ts";
import type { WalledHost } from "./walled-host.ts";

/** Where a node is on a link, as in `{ front: "10.111.0.2" }`. */
export interface WalledNode {
  readonly id: DockerId;
  readonly name: string;
  readonly addresses: Readonly<Record<string, string>>;
}

export type Simulation = Readonly<Record<"one" | "two" | "three", WalledNode>>;

/** Answers in every node. */
export const nodePorts = { tcp: 8080, udp: 8081 } as const;

export type Tries = Readonly<Record<string, Attempt>>;

const sleep = ["sleep", "100000"];

const ownerOf = (tenantId: string, part: string): Owner => ({
  tenantId,
  simulationId: "sim-walls",
  part,
  generation: 1,
});

/** Nodes as tenants get them: one on both links, two on the front, three on the back. `third`: the subnets' third number. */
export const simulation = async (
  host: WalledHost,
  engine: Engine,
  tenant: string,
  third: number,
): Promise<Simulation> => {
  const makeLink = async (part: string, last: number) => {
    const owner = ownerOf(tenant, part);
    const wish = { owner, bridgeName: bridgeName(owner), subnet: `10.111.${third}.${last}/27` };
    return {
      part,
      networkId: await engine.createNetwork(wish),
      address: (place: number) => `10.111.${third}.${last + place}`,
    };
  };
  const [front, back] = await Promise.all([makeLink("front", 0), makeLink("back", 32)]);
  const makeNode = async (name: string, links: readonly (typeof front)[], place: number): Promise<WalledNode> => {
    const attachments = links.map(({ networkId, address }) => {
      return { networkId, ipAddress: address(place), aliases: [`${tenant}-${name}`] };
    });
    const limits = { memoryMegabytes: 256, cpus: 2, pidsMax: 2000 };
    // The engine makes the hostname an alias, too.
    const hostname = `${tenant}-${name}`;
    const node = { owner: ownerOf(tenant, name), imageId: host.engine.imageId, hostname, environment: {} };
    const id = await engine.createContainer({ ...node, ...limits, command: sleep, attachments });
    await engine.start(id);
    await host.answerIn((await engine.inspect(id))?.sandboxKey ?? "", nodePorts);
    const addresses = Object.fromEntries(links.map(({ part, address }) => [part, address(place)]));
    return { id, name: `${tenant}-${name}`, addresses };
  };
  const [one, two, three] = await Promise.all([
    makeNode("one", [front, back], 2),
    makeNode("two", [front], 3),
    makeNode("three", [back], 3),
  ]);
  return { one, two, three };
};

/** A container as careless people make them, on a bridge that routes to everywhere, and with IPv6. Its bridge is the walls' all the same. */
export const carelessNode = async (host: WalledHost): Promise<WalledNode> => {
  const { docker, imageId } = host.engine;
  const name = "kscareless";
  const net = await docker.createNetwork({ Name: name, Options: { "com.docker.network.bridge.name": name } });
  const container = await docker.createContainer({
    Image: imageId,
    Cmd: sleep,
    // The first program of a container hears no polite signal, and an engine that ends would wait for it.
    StopSignal: "SIGKILL",
    User: "0:0",
    HostConfig: { NetworkMode: net.id, CapAdd: ["NET_RAW", "NET_ADMIN"] },
  });
  await container.start();
  const { NetworkSettings } = await container.inspect();
  const run = makeRunTool(["nsenter", `--net=${NetworkSettings.SandboxKey}`]);
  await run("sysctl", ["-qw", "net.ipv6.conf.eth0.accept_dad=0", "net.ipv6.conf.eth0.disable_ipv6=0"]);
  await host.network.run("ip", ["addr", "add", "fdaa::1/64", "dev", name, "nodad"]);
  await run("ip", ["addr", "add", "fdaa::2/64", "dev", "eth0", "nodad"]);
  await run("ip", ["-6", "route", "add", "default", "via", "fdaa::1"]);
  await host.answerIn(NetworkSettings.SandboxKey, nodePorts);
  const address = NetworkSettings.Networks[name]?.IPAddress ?? "";
  return { id: dockerId(container.id), name, addresses: { [name]: address } };
};

/** Tries all from inside a container, side by side, also with others' tries; answers the names of those that were reached, however. */
export const reachedFrom = async (
  host: WalledHost,
  engine: Pick<Engine, "run">,
  id: DockerId,
  tries: Tries,
): Promise<readonly string[]> => {
  const probes = Object.entries(tries).map(([name, attempt]): PlannedProbe => ({ name, expected: "blocked", attempt }));
  const before = host.takeNumbers(probes.length);
  // What each says bears a number of its own, or those whom two nodes reach could not tell whose words they heard.
  const script = probeScript(probes).replace(/probe-(\d+)-end/g, (_, number) => probeWords(before + Number(number)));
  const limits = { outputBytesMax: 1_000_000, timeoutMilliseconds: 30_000 };
  const { output } = await engine.run(id, ["sh", "-c", script], limits);
  const heard = new Set([...host.heard].map((number) => number - before));
  const seen = readProbes(probes, new TextDecoder().decode(output), heard);
  if (seen === undefined) throw new Error(`Not all probes reported:\n${new TextDecoder().decode(output)}`);
  return seen.filter((probe) => probe.seen === "reached").map(({ name }) => name);
};
