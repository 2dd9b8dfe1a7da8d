import { type RequestListener, type Server, createServer } from "node:http";
import path from "node:path";
import { HostApp } from "./host-app.ts";
import { endEmpty } from "./http/response.ts";
import { type PresetKeys, loadKeys } from "./keys/key-file.ts";
import { lineLog } from "./log-output.ts";
import { appEnvironment, applyEnvironment, readLocalSettings } from "./settings/environment.ts";
import { readHostSettings } from "./settings/host-settings.ts";

export interface FunctionsHostOptions {
  /** Holds host.json, and package.json unless `entry` is given. */
  readonly appDirectory: string;
  /** The app's file, absolute or relative to `appDirectory`; default: `main` of its package.json. */
  readonly entry?: string | undefined;
  /** Default 0: any free port. */
  readonly port?: number | undefined;
  /** For keys, timer status and the durable task hub. */
  readonly dataDirectory: string;
  /** App settings; they win over local.settings.json and the environment. */
  readonly settings: Readonly<Record<string, string>>;
  /** Becomes `AzureWebJobsStorage`. */
  readonly storageConnectionString?: string | undefined;
  readonly keys?: PresetKeys | undefined;
  /** Default true. Without, every caller is the administrator, as with plain `func start`. */
  readonly auth?: boolean | undefined;
  /** How long a queue message stays hidden when the host dies while working on it. Default 600, as in Azure. */
  readonly queueLeaseSeconds?: number | undefined;
  /** How long a stop waits for running functions. Default 5000. */
  readonly stopTimeoutMilliseconds?: number | undefined;
  /** Default: standard output. */
  readonly writeLog?: ((line: string) => void) | undefined;
}

export interface FunctionsHost {
  /** Without a slash at the end, e.g. `http://127.0.0.1:1234`. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address.port);
      else reject(new Error("The server has no port."));
    });
  });

/** Takes no more connections; resolves when the last one has ended. */
const closeWhenIdle = (server: Server): Promise<void> => {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  return closed;
};

const notRunning: RequestListener = (_request, response) => endEmpty(response, 503);

interface Prepared {
  readonly app: HostApp;
  readonly restoreEnvironment: () => void;
}

const prepare = async (options: FunctionsHostOptions, port: number): Promise<Prepared> => {
  const { appDirectory, dataDirectory, settings, storageConnectionString } = options;
  const hostName = `127.0.0.1:${port}`;
  const localSettings = await readLocalSettings(appDirectory);
  const environment = appEnvironment({
    inherited: process.env,
    localSettings,
    settings,
    storageConnectionString,
    hostName,
  });
  const hostSettings = await readHostSettings(appDirectory, environment);
  const keys = await loadKeys(path.join(dataDirectory, "keys.json"), options.keys);
  const restoreEnvironment = applyEnvironment(environment);
  try {
    const app = await HostApp.load({
      appDirectory,
      entry: options.entry,
      dataDirectory,
      environment,
      settings: hostSettings,
      keys,
      isAuthOn: options.auth ?? true,
      origin: `http://${hostName}`,
      queueLeaseSeconds: options.queueLeaseSeconds ?? 600,
      log: lineLog(hostSettings.logLevels, options.writeLog ?? ((line) => process.stdout.write(`${line}\n`))),
    });
    return { app, restoreEnvironment };
  } catch (error) {
    restoreEnvironment();
    throw error;
  }
};

/**
 * Runs an unmodified Azure Functions v4 app on this machine, on 127.0.0.1 only. Answers 503 until the app is ready.
 * One app per process at a time: `@azure/functions` knows only one host.
 * @throws when the app, its settings or its queues cannot be started; nothing is left running then
 */
export const startFunctionsHost = async (options: FunctionsHostOptions): Promise<FunctionsHost> => {
  const current: { handle: RequestListener } = { handle: notRunning };
  const server = createServer((request, response) => current.handle(request, response));
  const port = await listen(server, options.port ?? 0);
  const limit = options.stopTimeoutMilliseconds ?? 5000;
  try {
    const { app, restoreEnvironment } = await prepare(options, port);
    try {
      await app.start();
    } catch (error) {
      await app.stop(limit, Promise.resolve());
      restoreEnvironment();
      throw error;
    }
    current.handle = app.handle;
    const stop = async (): Promise<void> => {
      current.handle = notRunning;
      await app.stop(limit, closeWhenIdle(server));
      server.closeAllConnections();
      restoreEnvironment();
    };
    return { url: `http://127.0.0.1:${port}`, stop };
  } catch (error) {
    server.close();
    server.closeAllConnections();
    throw error;
  }
};
