import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { jsonOf, send } from "./http-call.ts";

/** Folder of each part below local/, as its command line shows it. */
const folders = {
  functions: "functions-host",
  gateway: "gateway",
  identityProvider: "identity-provider",
  resourceManager: "resource-manager",
  storage: "azurite",
} as const;
export type PartName = keyof typeof folders;

const readOrNothing = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};

const commandLine = (pid: number | string): string => readOrNothing(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
const parentOf = (pid: string): number => Number(/^PPid:\s*(\d+)/m.exec(readOrNothing(`/proc/${pid}/status`))?.[1]);
const processIds = (): readonly string[] => readdirSync("/proc").filter((name) => /^\d+$/.test(name));

/** Process id of a part of the platform that runs on this data, while it sets up too. Undefined: not there now. */
export const partPid = (dataDirectory: string, part: PartName): number | undefined => {
  const platform = Number(readOrNothing(join(dataDirectory, "up.pid")));
  const found = processIds().find(
    (pid) => parentOf(pid) === platform && commandLine(pid).includes(`/local/${folders[part]}/main.ts`),
  );
  return found === undefined ? undefined : Number(found);
};

/** Every PocketBase that works below this directory. */
export const pocketBasePids = (dataDirectory: string): readonly number[] =>
  processIds()
    .filter((pid) => commandLine(pid).includes(`--dir=${dataDirectory}/`))
    .map(Number);

const Instances = z.array(z.object({ name: z.string(), pid: z.number().optional(), state: z.string() }));

/** What the resource manager says about its instances; undefined while it does not answer. */
export const managedInstances = async (resourceManager: string): Promise<z.infer<typeof Instances>> =>
  Instances.parse(jsonOf(await send(resourceManager, { path: "/dev/instances" })));

/** Asks until the answer is something, and gives it back. @throws Error naming what was waited for */
export const eventually = async <T>(
  what: string,
  milliseconds: number,
  ask: () => Promise<T | undefined>,
): Promise<T> => {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`Waited ${milliseconds} ms for ${what}.`);
    await delay(100);
  }
};
