import type { ChildProcess } from "node:child_process";
import type { PrivateEngine } from "./private-engine.ts";
import { privateEngine } from "./private-engine.ts";
import type { PrivateNetwork } from "./private-network.ts";
import { privateNetwork } from "./private-network.ts";

/** Addresses beyond the host: metadata of clouds, Azure's wire server, a neighbour in the VNet, a stranger. */
export const outsideAddresses = ["169.254.169.254", "168.63.129.16", "10.0.0.1", "203.0.113.10"] as const;
export const outsideIpv6 = "fd77::2";

/** Nobody else has ports in these networks. */
export const outsidePorts = { tcp: 80, udp: 53 } as const;
export const hostPorts = { tcp: 8099, udp: 8098 } as const;
/** Where the engine answers besides its socket, as no engine should. */
export const dockerPort = 2375;
/** The only name that the outside's resolver knows. */
export const outsideName = "outside.example";

interface Ports {
  readonly tcp: number;
  readonly udp: number;
}

/** A host with an engine of its own, and an outside behind it: both answer by TCP and UDP on every address of theirs. */
export interface WalledHost {
  readonly network: PrivateNetwork;
  readonly outside: PrivateNetwork;
  readonly engine: PrivateEngine;
  /** Numbers of the probes whose words arrived anywhere. */
  readonly heard: ReadonlySet<number>;
  /** Gives out that many numbers for probes, which nobody else has; answers the one before the first. */
  takeNumbers(count: number): number;
  /** Lets somebody answer in a node, too. */
  answerIn(sandboxKey: string, ports: Ports): Promise<void>;
  close(): Promise<void>;
}

const answererEntry = new URL("../../sim-host/walls/fixtures/answerer.ts", import.meta.url).pathname;

const listening = (child: ChildProcess, heard: Set<number>): Promise<void> =>
  new Promise((resolve, reject) => {
    child.on("message", ({ heard: number }: { heard: number }) => {
      if (number === 0) resolve();
      else heard.add(number);
    });
    child.once("exit", (code) => reject(new Error(`An answerer ended with ${code ?? "a signal"}.`)));
  });

/** One cable between the host and the outside, with routes both ways, so that whatever gets out gets an answer. */
const cable = async (host: PrivateNetwork, outside: PrivateNetwork): Promise<void> => {
  const [hostIp, outsideIp] = [host, outside].map(
    ({ run }) =>
      (...args: string[]) =>
        run("ip", args),
  );
  if (hostIp === undefined || outsideIp === undefined) return;
  await hostIp("link", "add", "up0", "type", "veth", "peer", "name", "out0", "netns", String(outside.pid));
  await hostIp("addr", "add", "198.51.100.1/24", "dev", "up0");
  await hostIp("addr", "add", "fd77::1/64", "dev", "up0", "nodad");
  await hostIp("addr", "add", "192.0.2.77/32", "dev", "lo");
  await outsideIp("addr", "add", "198.51.100.2/24", "dev", "out0");
  await outsideIp("addr", "add", `${outsideIpv6}/64`, "dev", "out0", "nodad");
  for (const address of outsideAddresses) await outsideIp("addr", "add", `${address}/32`, "dev", "lo");
  await hostIp("link", "set", "up0", "up");
  await outsideIp("link", "set", "out0", "up");
  await hostIp("route", "add", "default", "via", "198.51.100.2");
  await outsideIp("route", "add", "default", "via", "198.51.100.1");
  await outsideIp("route", "add", "fd00::/8", "via", "fd77::1");
  await host.run("sysctl", ["-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"]);
};

export const walledHost = async (): Promise<WalledHost> => {
  const [network, outside] = [await privateNetwork(), await privateNetwork()];
  const heard = new Set<number>();
  let numbersTaken = 0;
  const answer = (where: PrivateNetwork, { tcp, udp }: Ports, prefix?: readonly string[]): Promise<void> =>
    listening(where.fork(answererEntry, [String(tcp), String(udp)], prefix), heard);
  try {
    await cable(network, outside);
    await answer(outside, outsidePorts);
    await answer(network, hostPorts);
    const engine = await privateEngine(network, ["--host", `tcp://0.0.0.0:${dockerPort}`, "--dns", "198.51.100.2"]);
    return {
      network,
      outside,
      engine,
      heard,
      takeNumbers(count) {
        numbersTaken += count;
        return numbersTaken - count;
      },
      answerIn: (sandboxKey, ports) => answer(network, ports, ["nsenter", `--net=${sandboxKey}`]),
      async close() {
        await engine.close();
        await Promise.all([network.close(), outside.close()]);
      },
    };
  } catch (error) {
    await Promise.all([network.close(), outside.close()]);
    throw error;
  }
};
