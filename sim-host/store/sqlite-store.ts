import type { Clock } from "../../shared/kernel/clock.ts";
import type { RunStore } from "../runs/ports.ts";
import type { SimulationStore } from "../simulations/ports.ts";
import { openDatabase } from "./database.ts";
import type { AllocateSubnets } from "./host-simulations.ts";
import { hostSimulations } from "./host-simulations.ts";
import { runStore } from "./run-store.ts";
import type { SaveStore } from "../saves/ports.ts";
import { sqliteSaveStore } from "../store/save-store.ts";
import { prepareStatements } from "./statements.ts";
import type { TrialStore } from "../trials/ports.ts";
import { trialStore } from "./trial-store.ts";
import { tenantSimulations } from "./tenant-simulations.ts";

export interface SqliteStoreOptions {
  /** A path, or `:memory:`. */
  readonly file: string;
  readonly allocate: AllocateSubnets;
  readonly clock: Clock;
}

/** What this host keeps. */
export interface SqliteStore extends SimulationStore {
  readonly runs: RunStore;
  readonly saves: SaveStore;
  readonly trials: TrialStore;
  close(): void;
}

/** The simulations of this host and their runs, in one SQLite file. @throws Error when the file is of a newer release */
export const sqliteStore = ({ file, allocate, clock }: SqliteStoreOptions): SqliteStore => {
  const database = openDatabase(file);
  const statements = prepareStatements(database.sql);
  return {
    forTenant: (tenantId) => tenantSimulations(tenantId, { database, statements, clock }),
    host: hostSimulations({ database, statements, allocate }),
    runs: runStore(database),
    saves: sqliteSaveStore(database),
    trials: trialStore(database),
    close: () => database.close(),
  };
};
