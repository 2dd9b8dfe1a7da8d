import Docker from "dockerode";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { waitUntil } from "../../local/process/wait-until.ts";
import { findHostPort } from "../../sim-host/links/interfaces.ts";
import type { PortState, SourceState } from "../../sim-host/links/ports.ts";
import { testEngine } from "./docker-engine.ts";

const run = promisify(execFile);

/** A container on the lab's network. */
export interface LabNode {
  readonly name: string;
  readonly container: Docker.Container;
  address(): string;
  /** Where its port is now. */
  port(): Pick<PortState, "sandboxKey" | "macAddress">;
  /** Runs a command in it and answers what it printed, on both outputs. */
  exec(...command: readonly string[]): Promise<string>;
  /** Looks again where it is, after it was started again. */
  refresh(): Promise<void>;
}

/** Containers on a network of Docker, made for one test file. */
export interface LinkLab {
  addNode(name: string): Promise<LabNode>;
  close(): Promise<void>;
}

const image = "kombify-test/links:1";
const applets = ["cat", "dd", "ifconfig", "nc", "ping", "sh", "sha256sum", "sleep", "time", "timeout"];

/** An image that holds Debian's busybox-static and nothing else. */
const importImage = async (docker: Docker): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), "kombify-links-"));
  const [root, archive] = [join(folder, "root"), join(folder, "image.tar")];
  await mkdir(join(root, "bin"), { recursive: true });
  await mkdir(join(root, "tmp"));
  await copyFile("/bin/busybox", join(root, "bin", "busybox"));
  for (const applet of applets) await symlink("busybox", join(root, "bin", applet));
  await run("tar", ["-C", root, "-cf", archive, "."]);
  const [repo, tag] = image.split(":");
  const progress = await docker.importImage(archive, { repo, tag });
  for await (const _ of progress) continue;
  await rm(folder, { recursive: true });
};

/** What a stream of Docker carries of both outputs: each part has a header of 8 bytes with its length at the end. */
const contentOf = (stream: Buffer): string => {
  let content = "";
  for (let offset = 0; offset + 8 <= stream.length;) {
    const end = offset + 8 + stream.readUInt32BE(offset + 4);
    content += stream.toString("utf8", offset + 8, end);
    offset = end;
  }
  return content;
};

const execIn = async (container: Docker.Container, command: readonly string[]): Promise<string> => {
  const exec = await container.exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({ hijack: true, stdin: false });
  const pieces: Buffer[] = [];
  stream.on("data", (piece: Buffer) => pieces.push(piece));
  await new Promise((resolve) => stream.once("end", resolve).once("close", resolve));
  return contentOf(Buffer.concat(pieces));
};

/**
 * Opens a lab on the engine of this run of tests. `name` tells its things from other labs'.
 * @throws Error on a machine without an engine
 */
export const openLinkLab = async (name: string): Promise<LinkLab> => {
  const engine = await testEngine();
  if (engine === undefined) throw new Error("Links are tried on a Docker engine, and there is none here.");
  const docker = new Docker({ socketPath: engine.socketPath });
  await importImage(docker);
  const labels = { "kombify.test.links": name };
  const network = await docker.createNetwork({ Name: name, Driver: "bridge", Internal: true, Labels: labels });
  const nodes: Docker.Container[] = [];
  return {
    async addNode(nodeName) {
      const container = await docker.createContainer({
        ...{ name: `${name}-${nodeName}`, Image: image, Cmd: ["sleep", "3600"], Labels: labels },
        HostConfig: { NetworkMode: network.id, Init: true },
      });
      nodes.push(container);
      await container.start();
      let seen = await container.inspect();
      const attachment = () => Object.values(seen.NetworkSettings.Networks)[0];
      return {
        name: nodeName,
        container,
        address: () => attachment()?.IPAddress ?? "",
        port: () => ({
          sandboxKey: seen.NetworkSettings.SandboxKey,
          macAddress: attachment()?.MacAddress ?? "",
        }),
        exec: (...command) => execIn(container, command),
        async refresh() {
          seen = await container.inspect();
        },
      };
    },
    async close() {
      await Promise.all(nodes.map((container) => container.remove({ force: true }).catch(() => undefined)));
      await network.remove();
    },
  };
};

/** The state of the port of `to`, for frames from each of these. */
export const portState = (
  to: LabNode,
  from: readonly (readonly [node: LabNode, impairment: SourceState["impairment"]])[],
  change: Partial<PortState> = {},
): PortState => ({
  portId: `port-${to.name}`,
  ...to.port(),
  isDown: false,
  bySource: from.map(([node, impairment]) => ({
    sourceMac: node.port().macAddress,
    seed: `7|lab|${node.name}|${to.name}`,
    impairment,
  })),
  ...change,
});

/** What came of pings. */
export interface PingResult {
  readonly sent: number;
  /** Numbers of those that were answered. */
  readonly answered: readonly number[];
  readonly milliseconds: readonly number[];
}

/** Pings with this many milliseconds between them; waits a second for the last answers. */
export const ping = async (from: LabNode, to: LabNode, count: number, spacing = 10): Promise<PingResult> => {
  const seconds = String(spacing / 1000);
  const output = await from.exec("ping", "-c", String(count), "-i", seconds, "-W", "1", to.address());
  const answers = [...output.matchAll(/seq=(\d+) ttl=\d+ time=([\d.]+) ms/g)];
  return {
    sent: Number(/(\d+) packets transmitted/.exec(output)?.[1]),
    answered: answers.map(([, sequence]) => Number(sequence)),
    milliseconds: answers.map(([, , time]) => Number(time)),
  };
};

export const median = (numbers: readonly number[]): number =>
  numbers.toSorted((one, other) => one - other)[numbers.length >> 1] ?? Number.NaN;

/** Not a number when there are none: no comparison with it is true. */
export const smallest = (numbers: readonly number[]): number =>
  numbers.length === 0 ? Number.NaN : Math.min(...numbers);

/** Sends bytes to a node over TCP; answers their SHA-256 as the receiver has it, and how long that took. */
export const sendFile = async (
  from: LabNode,
  to: LabNode,
  file: string,
): Promise<{ readonly sha256: string; readonly seconds: number }> => {
  const port = "9000";
  const listening = to.exec("timeout", "120", "nc", "-l", "-p", port, "-e", "sha256sum");
  const hexPort = Number(port).toString(16).toUpperCase();
  const isListening = await waitUntil(
    async () => (await to.exec("cat", "/proc/net/tcp", "/proc/net/tcp6")).includes(`:${hexPort} `),
    10_000,
  );
  if (!isListening) throw new Error("nothing listens");
  const startedAt = performance.now();
  const output = await from.exec("sh", "-c", `timeout 120 nc ${to.address()} ${port} < ${file}`);
  const seconds = (performance.now() - startedAt) / 1000;
  await listening;
  return { sha256: /^[0-9a-f]{64}/.exec(output)?.[0] ?? output, seconds };
};

const tapPrefixOf = (owner: string): string => `kt${createHash("sha256").update(owner).digest("hex").slice(0, 6)}_`;
const Interfaces = z.array(z.object({ ifname: z.string(), ifalias: z.string().optional() }));

/** What an owner's links have left on the host: taps, marks, and filters at the ports of these nodes. */
export const tracesOf = async (owner: string, nodes: readonly LabNode[]): Promise<readonly string[]> => {
  const tapPrefix = tapPrefixOf(owner);
  const interfaces = Interfaces.parse(JSON.parse((await run("ip", ["-j", "link"])).stdout));
  const ports = await Promise.all(
    nodes.map((node) => findHostPort(node.port().sandboxKey, node.port().macAddress.toLowerCase())),
  );
  const qdiscs = await Promise.all(
    ports.map(async (port) =>
      port === undefined ? "" : (await run("tc", ["qdisc", "show", "dev", port.name])).stdout,
    ),
  );
  return [
    ...interfaces.filter(({ ifname }) => ifname.startsWith(tapPrefix)).map(({ ifname }) => `tap ${ifname}`),
    ...interfaces.filter(({ ifalias }) => ifalias?.includes(`:${owner}:`)).map(({ ifname }) => `mark at ${ifname}`),
    ...qdiscs.filter((qdisc) => qdisc.includes("clsact")).map((qdisc) => `filter: ${qdisc}`),
    ...ports.flatMap((port) => (port?.isUp === false ? [`${port.name} is down`] : [])),
  ];
};

/** The relays that run for an owner. */
export const relaysOf = async (owner: string): Promise<readonly number[]> => {
  const tapPrefix = tapPrefixOf(owner);
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const words = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return pids.filter((_, index) => words[index]?.split("\0").includes(tapPrefix)).map(Number);
};
