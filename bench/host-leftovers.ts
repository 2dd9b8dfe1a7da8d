import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { z } from "zod";
import type { BenchEngine, BenchSimHost } from "./bench-sim-host.ts";

const run = promisify(execFile);
const filters = { label: ["kombify.sim.managed=1"] };

/** How many there are of everything that a simulation makes; `openFiles` are the host's and its relay's. */
export type Things = Readonly<
  Record<
    | "containers"
    | "networks"
    | "subnets"
    | "firewallRules"
    | "interfaces"
    | "networkNamespaces"
    | "processes"
    | "openFiles",
    number
  >
>;

const linesOf = (text: string): readonly string[] => text.split("\n").filter((line) => line !== "");

const subnets = (dataDirectory: string): number => {
  const database = new DatabaseSync(join(dataDirectory, "simulations.sqlite"), { readOnly: true });
  try {
    return Number(database.prepare("SELECT count(*) AS count FROM subnets").get()?.["count"]);
  } finally {
    database.close();
  }
};

const firewallRules = async (): Promise<number> => {
  const { stdout } = await run("iptables-save", []);
  return linesOf(stdout).filter((line) => line.startsWith("-A")).length;
};

const Child = z.object({ Id: z.string() });

/** Where this engine keeps the namespaces of its containers: told by one of them. */
const namespaceDirectory = async ({ docker }: BenchEngine): Promise<string> => {
  const [container] = await docker.listContainers({ filters });
  const { NetworkSettings } = await docker.getContainer(Child.parse(container).Id).inspect();
  return dirname(NetworkSettings.SandboxKey);
};

const networkNamespaces = async (engine: BenchEngine): Promise<number> => {
  const directory = (await namespaceDirectory(engine)).replace("/var/run/", "/run/");
  const mounts = linesOf(await readFile("/proc/self/mounts", "utf8"));
  return mounts.filter((line) => line.startsWith("nsfs ") && line.replace("/var/run/", "/run/").includes(directory))
    .length;
};

/** The process and those it started. */
const family = async (pid: number): Promise<readonly number[]> => {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const families = await Promise.all(
    children
      .split(" ")
      .filter(Boolean)
      .map((child) => family(Number(child))),
  );
  return [pid, ...families.flat()];
};

const openFiles = async (pids: readonly number[]): Promise<number> => {
  const counts = await Promise.all(
    pids.map((pid) =>
      readdir(`/proc/${pid}/fd`).then(
        (files) => files.length,
        () => 0,
      ),
    ),
  );
  return counts.reduce((sum, count) => sum + count, 0);
};

/** Counts what is there now: the canaries of the walls, whatever else uses the engine, and what was left behind. */
export const countThings = async (engine: BenchEngine, { pid, dataDirectory }: BenchSimHost): Promise<Things> => {
  const { docker } = engine;
  const pids = await family(pid);
  const { stdout: interfaces } = await run("ip", ["-o", "link"]);
  return {
    containers: (await docker.listContainers({ all: true, filters })).length,
    networks: (await docker.listNetworks({ filters })).length,
    subnets: subnets(dataDirectory),
    firewallRules: await firewallRules(),
    interfaces: linesOf(interfaces).length,
    networkNamespaces: await networkNamespaces(engine),
    processes: pids.length,
    openFiles: await openFiles(pids),
  };
};

/** Resident memory of the host and its relay, in megabytes. */
export const residentMegabytes = async ({ pid }: BenchSimHost): Promise<number> => {
  const statuses = await Promise.all(
    (await family(pid)).map((one) => readFile(`/proc/${one}/status`, "utf8").catch(() => "")),
  );
  return statuses.reduce((sum, status) => sum + Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1000, 0);
};
