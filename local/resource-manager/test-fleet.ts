import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { listPocketBases } from "../process/pocketbase-table.ts";
import { armClients, groupName, type ManagerProcess, startManagerProcess } from "./test-manager.ts";

/** Pollers of the Azure clients that do not wait their two seconds. */
export const quickly = { updateIntervalInMs: 50 };

export interface Fleet {
  readonly manager: () => ManagerProcess;
  readonly arm: () => ReturnType<typeof armClients>;
  /** Ends the manager with this signal and starts another on the same data. */
  readonly restart: (signal: "SIGTERM" | "SIGKILL") => Promise<void>;
  /** The PocketBase processes of an instance. */
  readonly servers: (name: string) => readonly { readonly pid: number; readonly port: number | undefined }[];
  readonly instanceNames: () => readonly string[];
  /** The files outside PocketBase's own data that hold this text. */
  readonly filesWith: (text: string) => readonly { readonly path: string; readonly mode: number }[];
}

const filesWith = (directory: string, text: string): ReturnType<Fleet["filesWith"]> =>
  readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((entry) => !entry.includes("pb_data"))
    .map((entry) => join(directory, entry))
    .filter((path) => statSync(path).isFile() && readFileSync(path).includes(text))
    .map((path) => ({ path, mode: statSync(path).mode & 0o777 }));

/** A manager for each test of the file, on a data directory of its own, with real PocketBases; nothing is left of them. */
export const useFleet = (pocketbasePath: string): Fleet => {
  let dataDirectory = "";
  let manager: ManagerProcess;
  const start = async (): Promise<void> => {
    manager = await startManagerProcess({ dataDirectory, pocketbasePath, pocketbaseVersion: "0.40.4" });
  };
  const servers = (name: string) => listPocketBases(join(dataDirectory, "instances", name, "pb_data"));
  const instanceNames = () =>
    readdirSync(dataDirectory).includes("instances") ? readdirSync(join(dataDirectory, "instances")) : [];
  beforeEach(async () => {
    dataDirectory = mkdtempSync(join(tmpdir(), "resource-manager-"));
    await start();
    await armClients(manager.url).resources.resourceGroups.createOrUpdate(groupName, { location: "westeurope" });
  });
  afterEach(async () => {
    await manager.end("SIGTERM");
    for (const name of instanceNames()) for (const { pid } of servers(name)) process.kill(pid, "SIGKILL");
    rmSync(dataDirectory, { recursive: true, force: true });
  });
  return {
    manager: () => manager,
    arm: () => armClients(manager.url),
    restart: async (signal) => {
      await manager.end(signal);
      await start();
    },
    servers,
    instanceNames,
    filesWith: (text) => filesWith(dataDirectory, text),
  };
};

/** Everything of a paged list. */
export const collect = async <T>(items: AsyncIterable<T>): Promise<readonly T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};
