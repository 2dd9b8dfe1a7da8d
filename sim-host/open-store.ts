import { join } from "node:path";
import type { Clock } from "../shared/kernel/clock.ts";
import type { Logger } from "../shared/kernel/logger.ts";
import type { Settings } from "./config.ts";
import type { SqliteStore } from "./store/sqlite-store.ts";
import { sqliteStore } from "./store/sqlite-store.ts";
import { makeReadHostNetworks } from "./walls/host-networks.ts";
import { makeRunTool } from "./walls/run-tool.ts";
import { nextSubnets } from "./walls/subnets.ts";

export interface OpenedStore {
  readonly store: SqliteStore;
  /** Looks again at what networks the host has: links keep out of their way. */
  refreshNetworks(): Promise<void>;
  /** The engine says that this subnet is somebody's; until the next look at the host's networks it is given to nobody. */
  avoidSubnet(subnet: string): void;
  close(): void;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : "not an error");

/** The host's database, which gives out subnets that touch no other network of the machine. */
export const openStore = async (settings: Settings, clock: Clock, log: Logger): Promise<OpenedStore> => {
  const readNetworks = makeReadHostNetworks(makeRunTool());
  let foreign = (await readNetworks()).foreign;
  const avoided = new Set<string>();
  const opened = sqliteStore({
    file: join(settings.SIM_DATA_DIRECTORY, "simulations.sqlite"),
    allocate: (taken, count) => nextSubnets(settings.SIM_SUBNETS, taken, [...foreign, ...avoided], count),
    clock,
  });
  return {
    store: opened,
    refreshNetworks: async () => {
      try {
        foreign = (await readNetworks()).foreign;
        avoided.clear();
      } catch (error) {
        log.warn("the host's networks cannot be read; what was known is used", { reason: reasonOf(error) });
      }
    },
    avoidSubnet: (subnet) => void avoided.add(subnet),
    close: () => opened.close(),
  };
};
