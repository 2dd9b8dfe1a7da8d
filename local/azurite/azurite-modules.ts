import { createRequire } from "node:module";

/** A database of Azurite (LokiJS): kept in memory, saved now and then. */
interface AzuriteDatabase {
  autosaveInterval: number;
  autosaveDisable(): void;
  autosaveEnable(): void;
  /** Calls back when no save is on its way to the disk any more. */
  throttledSaveDrain(done: (isDrained: boolean) => void, bound: DrainBound): void;
}

interface DrainBound {
  readonly recursiveWaitLimit: boolean;
  /** In milliseconds. */
  readonly recursiveWaitLimitDuration: number;
}

/** One of Azurite's two servers, as far as we use it. */
export interface AzuriteServer {
  start(): Promise<void>;
  /** Saves everything. */
  close(): Promise<void>;
  /** For example `http://127.0.0.1:10000`. */
  getHttpServerAddress(): string;
  readonly metadataStore: { readonly db: AzuriteDatabase };
  readonly extentMetadataStore: { readonly db: AzuriteDatabase };
}

interface PersistenceLocation {
  readonly locationId: string;
  readonly locationPath: string;
  readonly maxConcurrency: number;
}

/** Blob and queue configurations take these alike, by position. */
type Configuration = new (
  host: string,
  port: number,
  keepAliveTimeoutSeconds: number,
  metadataDatabasePath: string,
  extentDatabasePath: string,
  persistence: readonly PersistenceLocation[],
  enableAccessLog: boolean,
  accessLogStream: undefined,
  enableDebugLog: boolean,
  debugLogPath: undefined,
  isLoose: boolean,
  skipApiVersionCheck: boolean,
) => object;

type Server = new (configuration: object) => AzuriteServer;

interface AzuriteModules {
  readonly blob: { readonly Configuration: Configuration; readonly Server: Server };
  readonly queue: { readonly Configuration: Configuration; readonly Server: Server };
}

/**
 * Azurite's own server classes. The package ships no types and no entry but its command line, so this is where we say what
 * its modules are; the cast holds for the version in the lock file, and the test beside starts both servers through it.
 */
export const loadAzurite = (): AzuriteModules => {
  const require = createRequire(import.meta.url);
  const classOf = (loaded: unknown): unknown => (loaded as { default: unknown }).default;
  return {
    blob: {
      Configuration: classOf(require("azurite/dist/src/blob/BlobConfiguration.js")),
      Server: classOf(require("azurite/dist/src/blob/BlobServer.js")),
    },
    queue: {
      Configuration: classOf(require("azurite/dist/src/queue/QueueConfiguration.js")),
      Server: classOf(require("azurite/dist/src/queue/QueueServer.js")),
    },
  } as AzuriteModules;
};
