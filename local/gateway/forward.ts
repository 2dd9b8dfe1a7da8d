import {
  request as httpRequest,
  type Agent,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { Transform } from "node:stream";
import { downstreamHeaders, upstreamHeaders } from "./headers.ts";
import { GatewayProblem, isEmptyError, problemOfStatus } from "./problem.ts";
import type { GatewayService } from "./read-kong-config.ts";

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
}

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

const open = (incoming: IncomingMessage, forwarding: Forwarding): ClientRequest => {
  const { agent, service, target, path, requestHeaders } = forwarding;
  const outgoing = httpRequest({
    agent,
    host: target.hostname,
    port: target.port === "" ? 80 : Number(target.port),
    method: incoming.method ?? "GET",
    path: forwarding.pathAndQuery,
    headers: upstreamHeaders(incoming, { host: target.host, path, set: requestHeaders }),
    timeout: service.writeTimeoutMilliseconds,
  });
  const slow = (): void => {
    outgoing.destroy(new GatewayProblem("upstream-timeout", "The service behind the gateway took too long."));
  };
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
