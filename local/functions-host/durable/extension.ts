import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { FunctionInvoker } from "../core/rpc.ts";
import { readBody } from "../http/request-body.ts";
import { splitTarget } from "../http/request-path.ts";
import type { ApiAnswer, ApiRequest } from "./api/answers.ts";
import { errorAnswer } from "./api/answers.ts";
import { clientBinding } from "./api/links.ts";
import { manage } from "./api/management-api.ts";
import { TurnEngine } from "./engine/engine.ts";
import { functionProtocol } from "./protocol/function-protocol.ts";
import { TaskHubStore } from "./store/task-hub-store.ts";

export interface DurableExtensionOptions {
  readonly databaseFile: string;
  readonly hubName: string;
  /** Origin of the host, for links that outsiders get. */
  readonly publicBaseUrl: () => string;
  readonly systemKey: string;
  readonly invoker: FunctionInvoker;
  readonly functions: { readonly orchestrators: readonly string[]; readonly activities: readonly string[] };
  readonly triggerBindingName: (functionName: string) => string;
  readonly log: (message: string) => void;
}

/** The Durable Task extension: orchestrations of this app, kept in one SQLite file. */
export interface DurableExtension {
  start(): Promise<void>;
  /** Waits for turns and activities up to five seconds; what is cut off runs again at the next start. Any number of times. */
  stop(): Promise<void>;
  /** JSON for a `durableClient` input. */
  clientBindingData(): string;
  handleRequest(request: ApiRequest): Promise<ApiAnswer>;
}

const rpcPrefix = "/durabletask";

const bodyBytesMax = 100 * 1024 * 1024;

const headersOf = (request: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));

/** The SDK's own door: loopback only, without a key, as in the real extension. A page in a browser is kept out. */
const serveRpc = (handle: DurableExtension["handleRequest"], origin: () => string) => {
  const respond = async (incoming: IncomingMessage): Promise<ApiAnswer> => {
    if (incoming.headers.origin !== undefined) return errorAnswer(403, "Not for browsers.");
    const target = splitTarget(incoming.url ?? "/");
    if (target?.path.startsWith(`${rpcPrefix}/`) !== true) return errorAnswer(404, "Unknown path.");
    const body = await readBody(incoming, bodyBytesMax);
    if (body.kind === "too-large")
      return { ...errorAnswer(413, "The body is too large."), headers: { connection: "close" } };
    if (body.kind === "aborted") return errorAnswer(400, "The body did not arrive.");
    return handle({
      method: incoming.method ?? "GET",
      path: target.path.slice(rpcPrefix.length),
      query: new URLSearchParams(target.search),
      headers: headersOf(incoming),
      body: body.bytes,
      origin: origin(),
    });
  };
  return createServer((incoming: IncomingMessage, response: ServerResponse) => {
    respond(incoming)
      .catch((error: unknown) => errorAnswer(500, error instanceof Error ? error.message : String(error)))
      .then(({ status, headers, body }) => response.writeHead(status, headers).end(body))
      .catch(() => response.destroy());
  });
};

const listen = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });

export const createDurableExtension = (options: DurableExtensionOptions): DurableExtension => {
  const store = new TaskHubStore(options.databaseFile);
  const engine = new TurnEngine({ store, protocol: functionProtocol(options), log: options.log });
  const stopping = new AbortController();
  const api = {
    store,
    hubName: options.hubName,
    systemKey: options.systemKey,
    orchestrators: options.functions.orchestrators,
    notify: (instanceId: string) => engine.notify(instanceId),
    stopping: stopping.signal,
  };
  let stopped: Promise<void> | undefined;
  let isClosed = false;
  const handleRequest = async (request: ApiRequest): Promise<ApiAnswer> =>
    isClosed ? errorAnswer(503, "The host has stopped.") : manage(api, request);
  const server = serveRpc(handleRequest, options.publicBaseUrl);
  let rpcBaseUrl = "";
  // Activities that are still running may talk to the client, so the doors close after them.
  const stop = async (): Promise<void> => {
    stopping.abort();
    await engine.stop();
    isClosed = true;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    store.close();
  };
  return {
    async start() {
      rpcBaseUrl = `http://127.0.0.1:${await listen(server)}${rpcPrefix}/`;
      engine.start();
    },
    stop: () => (stopped ??= stop()),
    clientBindingData: () => clientBinding(options.publicBaseUrl(), rpcBaseUrl, options),
    handleRequest,
  };
};
