import { join } from "node:path";
import type { Clock } from "../shared/kernel/clock.ts";
import type { Settings } from "./config.ts";
import type { SqliteStore } from "./store/sqlite-store.ts";
import { sqliteStore } from "./store/sqlite-store.ts";
import { makeReadHostNetworks } from "./walls/host-networks.ts";
import { makeRunTool } from "./walls/run-tool.ts";
import { nextSubnets } from "./walls/subnets.ts";

export interface OpenedStore {
  readonly store: Omit<SqliteStore, "close">;
  /** Looks again at what networks the host has: links keep out of their way. */
  refreshNetworks(): Promise<void>;
  close(): void;
}

/** The host's database, which gives out subnets that touch no other network of the machine. */
export const openStore = async (settings: Settings, clock: Clock): Promise<OpenedStore> => {
  const readNetworks = makeReadHostNetworks(makeRunTool());
  let foreign = (await readNetworks()).foreign;
  const opened = sqliteStore({
    file: join(settings.SIM_DATA_DIRECTORY, "simulations.sqlite"),
    allocate: (taken, count) => nextSubnets(settings.SIM_SUBNETS, taken, foreign, count),
    clock,
  });
  return {
    store: opened,
    refreshNetworks: async () => {
      foreign = await readNetworks().then(
        (networks) => networks.foreign,
        // What was known is still better than nothing.
        () => foreign,
      );
    },
    close: () => opened.close(),
  };
};
