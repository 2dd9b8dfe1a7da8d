import {
  request as httpRequest,
  type Agent,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import { Transform } from "node:stream";
import { downstreamHeaders, upstreamHeaders } from "./headers.ts";
import { GatewayProblem, isEmptyError, problemOfStatus } from "./problem.ts";
import type { GatewayService } from "./read-kong-config.ts";
import { openTunnel } from "./tunnel.ts";
import { isWebSocket, upgradeHeaders } from "./upgrade.ts";

export interface Forwarding {
  readonly agent: Agent;
  readonly service: GatewayService;
  /** Where to connect; only host and port count. */
  readonly target: URL;
  /** Path and query as sent upstream. */
  readonly pathAndQuery: string;
  /** The normalised path as the client asked for it. */
  readonly path: string;
  readonly maximumBodyBytes: number;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly hasCors: boolean;
  /** What came after a request for a WebSocket; undefined for any other request. */
  readonly upgradeHead: Buffer | undefined;
}

/** A WebSocket's upstream says at once whether it takes it; without a limit of its own this would be an hour. */
const handshakeTimeoutMilliseconds = 30_000;

export const bodyTooLarge = (): GatewayProblem => new GatewayProblem("too-large", "The request body is too large.");

/** Passes a body on and counts it: a chunked body has no declared size to refuse beforehand. */
const limitBytes = (maximumBytes: number): Transform => {
  let seenBytes = 0;
  return new Transform({
    transform: (chunk: Buffer, _, done) => {
      seenBytes += chunk.byteLength;
      if (seenBytes > maximumBytes) done(bodyTooLarge());
      else done(null, chunk);
    },
  });
};

const hasBody = (request: IncomingMessage): boolean =>
  request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? "0") > 0;

const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined);

/** What the caller learns of a transport's error; a GatewayProblem stays itself. */
const upstreamProblem = (error: unknown): GatewayProblem =>
  error instanceof GatewayProblem
    ? error
    : new GatewayProblem("upstream-unavailable", "The service behind the gateway did not answer.", { cause: error });

const tooSlow = (): GatewayProblem =>
  new GatewayProblem("upstream-timeout", "The service behind the gateway took too long.");

const boundHandshake = (outgoing: ClientRequest, { readTimeoutMilliseconds }: GatewayService): void => {
  const limit = Math.min(readTimeoutMilliseconds, handshakeTimeoutMilliseconds);
  const timer = setTimeout(() => outgoing.destroy(tooSlow()), limit);
  for (const event of ["response", "upgrade", "close"]) outgoing.once(event, () => clearTimeout(timer));
};

const open = (incoming: IncomingMessage, forwarding: Forwarding): ClientRequest => {
  const { agent, service, target, path, requestHeaders, upgradeHead } = forwarding;
  const headers = upstreamHeaders(incoming, { host: target.host, path, set: requestHeaders });
  const outgoing = httpRequest({
    agent,
    host: target.hostname,
    port: target.port === "" ? 80 : Number(target.port),
    method: incoming.method ?? "GET",
    path: forwarding.pathAndQuery,
    headers: upgradeHead === undefined ? headers : [...headers, ...upgradeHeaders],
    timeout: service.writeTimeoutMilliseconds,
  });
  const slow = (): void => void outgoing.destroy(tooSlow());
  if (upgradeHead !== undefined) boundHandshake(outgoing, service);
  outgoing.on("timeout", slow);
  outgoing.once("finish", () => outgoing.setTimeout(service.readTimeoutMilliseconds));
  outgoing.once("socket", (socket) => {
    socket.setNoDelay(true);
    if (!socket.connecting) return;
    const timer = setTimeout(slow, service.connectTimeoutMilliseconds);
    socket.once("connect", () => clearTimeout(timer));
    socket.once("close", () => clearTimeout(timer));
  });
  return outgoing;
};

const sendBody = (incoming: IncomingMessage, outgoing: ClientRequest, maximumBytes: number): void => {
  if (!hasBody(incoming)) {
    outgoing.end();
    return;
  }
  const limiter = limitBytes(maximumBytes);
  limiter.on("error", (error) => {
    incoming.unpipe(limiter);
    outgoing.destroy(error);
  });
  incoming.pipe(limiter).pipe(outgoing);
};

const relay = (answer: IncomingMessage, response: ServerResponse, forwarding: Forwarding): void => {
  response.writeHead(
    answer.statusCode ?? 502,
    downstreamHeaders(answer, forwarding.responseHeaders, forwarding.hasCors),
  );
  // An event stream may stay silent for minutes; the client must see its headers at once.
  if (answer.headers["content-length"] === undefined) response.flushHeaders();
  answer.pipe(response);
};

interface Upgrade {
  readonly answer: IncomingMessage;
  readonly socket: Socket;
  readonly head: Buffer;
}

/** Hands both connections over to each other. @throws GatewayProblem when the upstream does what nobody asked it for */
const switchProtocols = (response: ServerResponse, upgrade: Upgrade, forwarding: Forwarding): void => {
  const { service, upgradeHead, responseHeaders, hasCors } = forwarding;
  const { answer, socket: upstream, head } = upgrade;
  const client = response.socket;
  if (upgradeHead === undefined || client === null || !isWebSocket(answer.headers.upgrade)) {
    throw new GatewayProblem("upstream-unavailable", "The service behind the gateway switched to another protocol.");
  }
  response.writeHead(101, [...downstreamHeaders(answer, responseHeaders, hasCors), ...upgradeHeaders]);
  response.flushHeaders();
  response.detachSocket(client);
  openTunnel(
    { socket: client, head: upgradeHead },
    { socket: upstream, head },
    { idleMilliseconds: service.readTimeoutMilliseconds, stallMilliseconds: service.writeTimeoutMilliseconds },
  );
};

/** A kept-alive connection that the upstream closed just as we used it; nothing of the request was processed. */
const isStaleConnection = (outgoing: ClientRequest, error: unknown): boolean =>
  outgoing.reusedSocket && (codeOf(error) === "ECONNRESET" || codeOf(error) === "EPIPE");

const attempt = (
  incoming: IncomingMessage,
  response: ServerResponse,
  forwarding: Forwarding,
): Promise<"done" | "stale"> =>
  new Promise((resolve, reject) => {
    const outgoing = open(incoming, forwarding);
    const isRepeatable = !hasBody(incoming) && (incoming.method === "GET" || incoming.method === "HEAD");
    outgoing.once("response", (answer) => {
      const { statusCode = 502, headers } = answer;
      if (isEmptyError(statusCode, headers["content-type"], headers["content-length"])) {
        answer.resume();
        reject(problemOfStatus(statusCode));
        return;
      }
      answer.once("error", () => response.destroy());
      response.once("finish", () => resolve("done"));
      relay(answer, response, forwarding);
    });
    // Also where no WebSocket was asked for: nobody would be told of the answer otherwise.
    outgoing.once("upgrade", (answer, socket, head) => {
      try {
        switchProtocols(response, { answer, socket, head }, forwarding);
        resolve("done");
      } catch (error) {
        socket.destroy();
        reject(upstreamProblem(error));
      }
    });
    outgoing.once("error", (error) => {
      if (isRepeatable && !response.headersSent && isStaleConnection(outgoing, error)) resolve("stale");
      else reject(error);
    });
    response.once("close", () => {
      outgoing.destroy();
      resolve("done");
    });
    sendBody(incoming, outgoing, forwarding.maximumBodyBytes);
  });

/**
 * Sends the request on and streams the answer back, both unbuffered. A GET on a stale kept-alive connection is sent once
 * more on another one, as nginx does; nothing else is ever retried.
 * @throws GatewayProblem upstream-unavailable, upstream-timeout or too-large; after the answer was begun it is cut off
 */
export const forward = async (
  incoming: IncomingMessage,
  response: ServerResponse,
  forwarding: Forwarding,
): Promise<void> => {
  try {
    const first = await attempt(incoming, response, forwarding);
    if (first === "stale") await attempt(incoming, response, forwarding);
  } catch (error) {
    throw upstreamProblem(error);
  }
};
