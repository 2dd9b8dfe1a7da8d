import { Agent, createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { makeHandler } from "./handle-request.ts";
import { readKongConfig } from "./read-kong-config.ts";
import { refuseConnection } from "./refuse-connection.ts";
import { asksForWebSocket, responseTo } from "./upgrade.ts";

export interface GatewayOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  readonly host?: string;
  readonly kongConfigFile: string;
  /** Where a service of the file really is, by service name: `{ functions: "http://127.0.0.1:7071" }`. */
  readonly serviceUrls: Readonly<Record<string, string>>;
  /** Services that do not run on this machine, by name: their routes answer 503 with this sentence. */
  readonly absentServices?: Readonly<Record<string, string>>;
  /** Base URL of the resource manager, which knows the address of every Stack instance. */
  readonly stackResolverUrl?: string;
  /** Values of the file's `{vault://env/...}` references, by variable name. */
  readonly vault: Readonly<Record<string, string>>;
  /** Replaces the origins of the `cors` plugin. */
  readonly corsOrigins?: readonly string[];
}

export interface RunningGateway {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

const maximumHeaderBytes = 32_768;
const headersTimeoutMilliseconds = 10_000;
const requestTimeoutMilliseconds = 120_000;
const keepAliveMilliseconds = 65_000;

const listen = (server: Server, port: number, host: string): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("the gateway has no TCP address"));
      else resolve(address);
    });
  });

type Handle = ReturnType<typeof makeHandler>;

/** `upgraded` holds the connections that left HTTP: the server forgets them. */
const makeServer = (handle: Handle, upgraded: Set<Socket>): Server => {
  const server = createServer(
    {
      insecureHTTPParser: false,
      maxHeaderSize: maximumHeaderBytes,
      headersTimeout: headersTimeoutMilliseconds,
      requestTimeout: requestTimeoutMilliseconds,
      keepAliveTimeout: keepAliveMilliseconds,
      connectionsCheckingInterval: 5000,
      noDelay: true,
      shouldUpgradeCallback: asksForWebSocket,
    },
    (request, response) => void handle(request, response),
  );
  server.on("upgrade", (request, _, head) => {
    const { socket } = request;
    upgraded.add(socket);
    socket.once("close", () => upgraded.delete(socket));
    void handle(request, responseTo(request), head);
  });
  // Node drops surplus headers silently; all of them must be seen to be stripped or refused.
  server.maxHeadersCount = 0;
  server.on("clientError", (error, socket) => refuseConnection(error, socket));
  return server;
};

/**
 * Stands in for Kong: serves the routes and plugins of its declarative file on this machine.
 * @throws Error when the file asks for anything the local gateway does not implement, or a secret is missing
 */
export const startGateway = async (options: GatewayOptions): Promise<RunningGateway> => {
  const config = await readKongConfig(options.kongConfigFile, options);
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 256, scheduling: "lifo" });
  const handle = makeHandler({
    config,
    agent,
    stackResolverUrl: options.stackResolverUrl,
    nowMilliseconds: () => Date.now(),
    newId: () => crypto.randomUUID(),
    log: (entry) => console.error(JSON.stringify(entry)),
  });
  const upgraded = new Set<Socket>();
  const server = makeServer(handle, upgraded);
  const { address, port } = await listen(server, options.port, options.host ?? "127.0.0.1");
  return {
    url: `http://${address.includes(":") ? `[${address}]` : address}:${port}`,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
      agent.destroy();
      await closed;
    },
  };
};
