import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Dockerode from "dockerode";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { waitUntil } from "../process/wait-until.ts";
import { cgroupTrees } from "./cgroups.ts";
import { isEngineAnswering } from "./engine-socket.ts";
import { findEngine, readProcessTable } from "./engine-table.ts";
import { type EnginePart, spawnEnginePart, startEnginePart } from "./fixtures/engine-part.ts";
import { mountsBelow } from "./leftovers.ts";
import { endPrivateEngine, startPrivateEngine } from "./private-engine.ts";
import { privateEngineFiles } from "./private-engine-files.ts";
import { engineTools, findMissingTools, simulationTools, toolPath } from "./tools.ts";
import { ensureToolboxImage } from "./toolbox-image.ts";

const missing = await findMissingTools([...engineTools, ...simulationTools], toolPath(process.env["PATH"]));
const canRun = process.getuid?.() === 0 && missing.length === 0;
if (!canRun) process.stderr.write(`Tests of the private engine are skipped: no root, or no ${missing.join(", ")}.\n`);

let dataDirectory = "";

beforeEach(() => {
  dataDirectory = mkdtempSync(join(tmpdir(), "engine-"));
});

afterEach(async () => {
  await endPrivateEngine(dataDirectory);
  rmSync(dataDirectory, { recursive: true, force: true });
});

const own = (directory = dataDirectory) => ({ dataDirectory: directory, network: "own" as const });
const dockerOf = ({ socketPath }: { readonly socketPath: string }): Dockerode => new Dockerode({ socketPath });

/** Every process that has to do with this engine, and everything it mounted. */
const traces = (directory = dataDirectory): readonly string[] => {
  const { configFile, containerdNamespace, dataRoot, execRoot, runDirectory } = privateEngineFiles(directory);
  const marks = [configFile, containerdNamespace, execRoot];
  const processes = readProcessTable().filter(({ words }) => marks.some((mark) => words.join(" ").includes(mark)));
  const mounts = mountsBelow(readFileSync("/proc/self/mountinfo", "utf8"), [dataRoot, runDirectory]);
  return [...processes.map(({ words }) => words.join(" ")), ...mounts];
};

/** A node that goes on until it is stopped, in a network of its own; answers the pid of its first process. */
const startNode = async (
  docker: Dockerode,
  Cmd: string[] = ["sleep", "1000"],
): Promise<{ readonly id: string; readonly pid: number }> => {
  const { imageId } = await ensureToolboxImage(docker);
  const network = await docker.createNetwork({ Name: "n", Internal: true });
  const HostConfig = { NetworkMode: network.id, Init: true, ReadonlyRootfs: true, CapDrop: ["ALL"] };
  const node = await docker.createContainer({ Image: imageId, Cmd, HostConfig });
  await node.start();
  return { id: node.id, pid: (await node.inspect()).State.Pid };
};

const Subnets = z.object({ IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string() })) }) });

const hasCgroup = (containerId: string): boolean =>
  cgroupTrees(readFileSync("/proc/self/mountinfo", "utf8")).some((tree) =>
    existsSync(join(tree, "docker", containerId)),
  );

const isRunning = (pid: number): boolean => readProcessTable().some((entry) => entry.pid === pid);
const enginePid = (directory = dataDirectory): number | undefined =>
  findEngine(privateEngineFiles(directory).configFile)?.pid;

describe.skipIf(!canRun)("the part that runs a private engine", () => {
  let parts: EnginePart[] = [];
  const start = async (config: object = own(), before: readonly string[] = []): Promise<EnginePart> => {
    const part = await startEnginePart(config, before);
    parts.push(part);
    return part;
  };
  afterEach(async () => {
    for (const { child, end } of parts) {
      if (child.exitCode === null && child.signalCode === null) await end(() => child.kill("SIGKILL"));
    }
    parts = [];
  });

  it("is killed, and the next start goes on with the same engine and its containers", async () => {
    const first = await start();
    const { id, pid } = await startNode(dockerOf(first.facts));
    const engine = enginePid();
    expect(await first.end((child) => child.kill("SIGKILL"))).toBe("SIGKILL");
    const second = await start();
    expect(second.facts).toEqual(first.facts);
    expect(enginePid()).toBe(engine);
    expect(traces().filter((trace) => trace.startsWith("dockerd "))).toHaveLength(1);
    expect((await dockerOf(second.facts).getContainer(id).inspect()).State.Pid).toBe(pid);
    expect(isRunning(pid)).toBe(true);
    expect(await second.end((child) => child.kill("SIGTERM"))).toBe(0);
    expect(isRunning(pid)).toBe(false);
    expect(traces()).toEqual([]);
  });

  it("ends with its engine, and the next start clears up what a killed engine left", async () => {
    const first = await start();
    const { id, pid } = await startNode(dockerOf(first.facts));
    expect(await first.end(() => process.kill(enginePid()!, "SIGKILL"))).toBe(1);
    expect(isRunning(pid)).toBe(true);
    const second = await start();
    expect(isRunning(pid)).toBe(false);
    expect(hasCgroup(id)).toBe(false);
    const { State } = await dockerOf(second.facts).getContainer(id).inspect();
    expect(State.Running).toBe(false);
    expect(await dockerOf(second.facts).listNetworks({ filters: { name: ["^n$"] } })).toHaveLength(1);
  });

  it("takes its engine along when its parent is gone", async () => {
    const part = await start();
    await startNode(dockerOf(part.facts));
    expect(await part.end((child) => child.disconnect())).toBe(0);
    expect(traces()).toEqual([]);
    expect(existsSync(part.facts.socketPath)).toBe(false);
  });

  it("does not wait for a node that does not want to stop", async () => {
    const part = await start();
    const { pid } = await startNode(dockerOf(part.facts), ["sh", "-c", "trap '' TERM; while :; do sleep 1; done"]);
    expect(await part.end((child) => child.kill("SIGTERM"))).toBe(0);
    expect(isRunning(pid)).toBe(false);
    expect(traces()).toEqual([]);
  });

  it("takes its engine along when it is stopped before it is ready", async () => {
    const child = spawnEnginePart(own());
    const exit = once(child, "exit");
    expect(await waitUntil(() => enginePid() !== undefined, 20_000, 1)).toBe(true);
    child.kill("SIGTERM");
    await exit;
    expect(traces()).toEqual([]);
  });

  it("puts an engine that hangs out of the way", async () => {
    const first = await start();
    const { pid } = await startNode(dockerOf(first.facts));
    const engine = enginePid();
    await first.end((child) => child.kill("SIGKILL"));
    process.kill(engine!, "SIGSTOP");
    const second = await start();
    expect(enginePid()).not.toBe(engine);
    expect(isRunning(pid)).toBe(false);
    expect(await isEngineAnswering(second.facts.socketPath)).toBe(true);
  });

  it("puts an engine with another configuration out of the way", async () => {
    const first = await start();
    const engine = enginePid();
    await first.end((child) => child.kill("SIGKILL"));
    const { configFile } = privateEngineFiles(dataDirectory);
    writeFileSync(configFile, readFileSync(configFile, "utf8").replace('"bridge": "none"', '"bridge": ""'));
    await start();
    expect(enginePid()).not.toBe(engine);
    expect(traces().filter((trace) => trace.startsWith("dockerd "))).toHaveLength(1);
  });

  it("keeps bridges and firewall in a network of its own, or in the machine's, as it is told", async () => {
    const rulesOf = ({ facts: { networkNamespace } }: EnginePart): string =>
      execFileSync("nsenter", [`--net=${networkNamespace}`, "iptables", "-S"], { encoding: "utf8" });
    const apart = await start();
    const { id } = await dockerOf(apart.facts).createNetwork({ Name: "n", Internal: true });
    expect(rulesOf(apart)).toContain(`-o br-${id.slice(0, 12)} -j DROP`);
    expect(execFileSync("iptables", ["-S"], { encoding: "utf8" })).not.toContain(id.slice(0, 12));
    await apart.end((child) => child.kill("SIGTERM"));

    // Not this machine's either, where another engine may have its rules.
    const among = await start({ dataDirectory }, ["unshare", "--net"]);
    expect(findEngine(privateEngineFiles(dataDirectory).configFile)?.network).toBe(
      readProcessTable().find(({ pid }) => pid === among.child.pid)?.network,
    );
    expect(among.facts.networkNamespace).toBe("/proc/self/ns/net");
  });

  it("is not put beside another engine, from which it would take the firewall", async () => {
    const { child, facts } = await start({ dataDirectory }, ["unshare", "--net"]);
    const choose = (directory: string, env: object): string => {
      const module = JSON.stringify(new URL("find-engine.ts", import.meta.url).href);
      const options = JSON.stringify({ dataDirectory: directory, env });
      const code = `const { chooseDockerEngine } = await import(${module});
        console.log(JSON.stringify(await chooseDockerEngine(${options})));`;
      const node = [process.execPath, "--disable-warning=ExperimentalWarning", "--input-type=module", "-e", code];
      return execFileSync("nsenter", [`--net=/proc/${child.pid ?? 0}/ns/net`, ...node], { encoding: "utf8" });
    };
    // Where the machine has an engine of its own, that one is chosen before any is started.
    if (existsSync("/var/run/docker.sock")) return;
    expect(choose(join(dataDirectory, "other"), {})).toContain(
      `dockerd runs as process ${enginePid() ?? 0}, and a second one would take its firewall away. ` +
        `Set DOCKER_HOST=unix://${facts.socketPath}, or stop it.`,
    );
    expect(choose(dataDirectory, {})).toBe('{"kind":"private"}\n');
  });
});

describe.skipIf(!canRun)("a private engine", () => {
  it("is one for several that start it at once", async () => {
    const engines = await Promise.all(Array.from({ length: 3 }, () => startPrivateEngine(own())));
    expect(new Set(engines.map(({ pid }) => pid)).size).toBe(1);
    expect(traces().filter((trace) => trace.startsWith("dockerd "))).toHaveLength(1);
    await Promise.all(engines.map(({ stop }) => stop()));
    expect(traces()).toEqual([]);
  });

  it("has room for many networks, and no bridge that nobody made", async () => {
    const engine = await startPrivateEngine(own());
    const docker = dockerOf(engine);
    const before = await docker.listNetworks();
    expect(before.map(({ Name }) => Name).sort()).toEqual(["host", "none"]);
    const networks = await Promise.all(
      Array.from({ length: 40 }, (_, index) => docker.createNetwork({ Name: `n${index}`, Internal: true })),
    );
    const subnets = await Promise.all(
      networks.map(async (network) => {
        return Subnets.parse(await network.inspect()).IPAM.Config[0]?.Subnet;
      }),
    );
    expect(new Set(subnets).size).toBe(40);
    expect(subnets.every((subnet) => subnet?.endsWith("/28"))).toBe(true);
  });

  it("works in a directory whose path has no room for a socket", async () => {
    const deep = join(dataDirectory, "d".repeat(100));
    mkdirSync(deep);
    const engine = await startPrivateEngine(own(deep));
    try {
      expect(await isEngineAnswering(engine.socketPath)).toBe(true);
      expect(engine.socketPath.startsWith(deep)).toBe(false);
    } finally {
      await engine.stop();
    }
    expect(traces(deep)).toEqual([]);
  });

  it("copies images where the file system cannot lay them over each other, and goes on doing so", async () => {
    const layers = ["lower", "upper", "work", "merged"].map((name) => join(dataDirectory, name));
    layers.forEach((layer) => mkdirSync(layer));
    const [lower = "", upper = "", work = "", merged = ""] = layers;
    const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
    execFileSync("mount", ["-t", "overlay", "overlay", "-o", options, merged]);
    try {
      const docker = dockerOf(await startPrivateEngine(own(merged)));
      expect(await docker.info()).toMatchObject({ Driver: "vfs" });
      const image = await ensureToolboxImage(docker);
      await endPrivateEngine(merged);
      const again = dockerOf(await startPrivateEngine(own(merged)));
      expect((await again.getImage(image.reference).inspect()).Id).toBe(image.imageId);
    } finally {
      await endPrivateEngine(merged);
      execFileSync("umount", [merged]);
    }
  });

  it("says why it does not start", async () => {
    writeFileSync(join(dataDirectory, "data"), "this should be a directory");
    await expect(startPrivateEngine(own())).rejects.toThrow(/^dockerd ended: .*points to a file.*dockerd\.log\)$/s);
    expect(traces()).toEqual([]);
  });
});
