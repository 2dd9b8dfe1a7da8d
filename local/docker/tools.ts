import { access, constants, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isStaticProgram } from "./elf.ts";

/** Programs that simulations are run with, and the Debian package of each. */
const packages = {
  dockerd: "docker.io",
  containerd: "containerd",
  runc: "runc",
  iptables: "iptables",
  ip: "iproute2",
  tc: "iproute2",
  nsenter: "util-linux",
  unshare: "util-linux",
  flock: "util-linux",
  tcpdump: "tcpdump",
  busybox: "busybox-static",
  ping: "iputils-ping",
} as const;
export type Tool = keyof typeof packages;

/** What an engine is started with. */
export const engineTools = ["dockerd", "containerd", "runc", "unshare", "flock"] as const satisfies readonly Tool[];
/** What links, walls, captures and the toolbox image are made with, on whichever engine. */
export const simulationTools = [
  "iptables",
  "ip",
  "tc",
  "nsenter",
  "tcpdump",
  "busybox",
  "ping",
] as const satisfies readonly Tool[];

/** Names of packages, each once. */
export const packagesOf = (tools: readonly Tool[]): readonly string[] => [
  ...new Set(tools.map((tool) => packages[tool])),
];

/** Where root's programs are, which are not on everybody's PATH. */
const systemDirectories = ["/usr/local/sbin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** A PATH with which the tools are found, whoever's shell this process was started from. */
export const toolPath = (path: string | undefined): string =>
  [...new Set([...(path ?? "").split(":").filter((directory) => directory !== ""), ...systemDirectories])].join(":");

const isThere = async (tool: Tool, directory: string): Promise<boolean> => {
  const path = join(directory, tool);
  try {
    await access(path, constants.X_OK);
    // The image is made of it, and in there are no libraries for the kind that `busybox` installs.
    return tool !== "busybox" || isStaticProgram(await readFile(path));
  } catch {
    return false;
  }
};

/** Which of the tools are in none of the directories of `path` (as PATH has them). */
export const findMissingTools = async (tools: readonly Tool[], path: string): Promise<readonly Tool[]> => {
  const found = await Promise.all(
    tools.map(async (tool) => {
      const places = await Promise.all(path.split(":").map((directory) => isThere(tool, directory)));
      return places.includes(true);
    }),
  );
  return tools.filter((_, index) => found[index] !== true);
};
