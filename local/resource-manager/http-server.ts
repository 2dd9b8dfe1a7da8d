import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { ArmError } from "./arm-error.ts";
import { isLoopbackHost } from "../process/loopback-name.ts";
import type { Fault, Operation } from "./fault-rules.ts";

const maximumBodyBytes = 4 * 1024 * 1024;
/** How long a request that is to get no answer keeps its connection. */
const longestHangMilliseconds = 300_000;

export interface ArmRequest {
  /** The named groups of the route's pattern, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Undefined when the body is empty. */
  readonly body: unknown;
  /** What is to go wrong with what this request begins. */
  readonly fault?: Fault;
}

/** What a request is about, for those who answer it without its route. */
export interface RequestTarget {
  readonly method: string;
  /** ARM's id of what it is about. */
  readonly path: string;
  readonly subscriptionId: string;
}

export interface ArmResponse {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of a body. */
  readonly html?: string;
  /** Sends the first half of the body only. */
  readonly isTruncated?: boolean;
}

/** An answer, or what becomes of the connection in its place. */
export type Reply = ArmResponse | { readonly connection: "reset" | "hang" };

export interface Route {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** Matched against the path without the query; ARM's paths do not regard case. */
  readonly pattern: RegExp;
  readonly handle: (request: ArmRequest) => ArmResponse;
  /** For what is not ARM's, which needs an api-version: needs the token only, or to be on this machine. No faults happen to it. */
  readonly access?: "token" | "open";
  /** The word for it in the rules of faults. */
  readonly operation?: Operation;
}

/** Who may answer in place of a route. */
export interface Injection {
  readonly beforeToken: (target: RequestTarget, act: () => Promise<Reply>) => Promise<Reply>;
  readonly around: (asked: {
    readonly route: Route;
    readonly request: ArmRequest;
    readonly target: RequestTarget;
  }) => Promise<Reply>;
}

/** What a server is made of. */
export interface ArmServerOptions {
  readonly port: number;
  readonly acceptedToken: string;
  readonly routes: readonly Route[];
  readonly injection: Injection;
  readonly log: (line: string) => void;
}

/** Makes a route's pattern from a path such as `/subscriptions/{subscription}`. */
export const pathPattern = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll(".", "[.]").replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}/?$`, "i");

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

const requireToken = (request: IncomingMessage, acceptedToken: string): void => {
  const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
  if (!timingSafeEqual(digest(token), digest(acceptedToken)))
    throw new ArmError(
      "AuthenticationFailed",
      "Authentication failed. The 'Authorization' header is missing or invalid.",
    );
};

/**
 * What anybody on this machine may read, pages of the web may not: one can reach a loopback server under a name of its own
 * (DNS rebinding), and says so in Host; or across origins, and says so in Origin or Sec-Fetch-Site.
 */
const requireLocalCaller = ({ headers }: IncomingMessage): void => {
  const site = headers["sec-fetch-site"] ?? "none";
  const isOwn = headers.origin === undefined && (site === "none" || site === "same-origin");
  if (!isOwn || !isLoopbackHost(headers.host ?? ""))
    throw new ArmError("AuthorizationFailed", "This answers programs on this machine only, under a loopback name.");
};

const requireApiVersion = (query: URLSearchParams): void => {
  const version = query.get("api-version");
  if (version === null || version === "")
    throw new ArmError("MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required.");
  if (!/^\d{4}-\d{2}-\d{2}(-preview)?$/.test(version))
    throw new ArmError("InvalidApiVersionParameter", `The api-version '${version}' is invalid.`);
};

const readBody = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maximumBodyBytes) throw new ArmError("RequestEntityTooLarge", "The request is larger than 4 MB.");
    chunks.push(chunk);
  }
  if (bytes === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    // The parser's message quotes the body, which may hold a secret.
    throw new ArmError("InvalidRequestContent", "The request content is not valid JSON.");
  }
};

const decode = (groups: Readonly<Record<string, string>> | undefined): Record<string, string> => {
  try {
    return Object.fromEntries(Object.entries(groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    throw new ArmError("InvalidRequestContent", "The path is not valid percent-encoding.");
  }
};

const targetOf = (method: string, path: string): RequestTarget => ({
  method,
  path,
  subscriptionId: /^\/subscriptions\/([^/]+)/i.exec(path)?.[1] ?? "",
});

const answer = async (options: ArmServerOptions, request: IncomingMessage): Promise<Reply> => {
  // Clients put a slash before a resource id that begins with one; `//x` would be read as a host.
  const url = new URL((request.url ?? "/").replace(/^\/+/, "/"), "http://manager");
  const method = request.method ?? "";
  const route = options.routes.find((one) => one.method === method && one.pattern.test(url.pathname));
  const target = targetOf(method, url.pathname);
  const read = async ({ pattern }: Route): Promise<ArmRequest> => ({
    params: decode(pattern.exec(url.pathname)?.groups),
    query: url.searchParams,
    body: await readBody(request),
  });
  if (route?.access === "open") {
    requireLocalCaller(request);
    return route.handle(await read(route));
  }
  if (route?.access === "token") {
    requireToken(request, options.acceptedToken);
    return route.handle(await read(route));
  }
  return options.injection.beforeToken(target, async () => {
    requireToken(request, options.acceptedToken);
    requireApiVersion(url.searchParams);
    if (route === undefined) throw new ArmError("NotImplemented", `${method} ${url.pathname} is not supported here.`);
    return options.injection.around({ route, request: await read(route), target });
  });
};

const contentOf = ({ body, html, isTruncated }: ArmResponse): { readonly type?: string; readonly text?: string } => {
  if (html !== undefined) return { type: "text/html", text: html };
  if (body === undefined) return {};
  const text = JSON.stringify(body);
  return {
    type: "application/json; charset=utf-8",
    text: isTruncated === true ? text.slice(0, Math.floor(text.length / 2)) : text,
  };
};

const send = (response: ServerResponse, reply: Reply): void => {
  if ("connection" in reply) {
    if (reply.connection === "reset") response.socket?.resetAndDestroy();
    else setTimeout(() => response.destroy(), longestHangMilliseconds).unref();
    return;
  }
  const { type, text } = contentOf(reply);
  response.writeHead(reply.status, {
    "x-ms-request-id": randomUUID(),
    "cache-control": "no-cache",
    ...(type === undefined ? {} : { "content-type": type }),
    ...reply.headers,
  });
  response.end(text);
};

const toResponse = (error: unknown, log: (line: string) => void): ArmResponse => {
  if (error instanceof ArmError) {
    const headers = error.status === 401 ? { "www-authenticate": "Bearer" } : {};
    return { status: error.status, body: { error: { code: error.code, message: error.message } }, headers };
  }
  log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return {
    status: 500,
    body: { error: { code: "InternalServerError", message: "The request could not be handled." } },
  };
};

/** Answers these routes on 127.0.0.1, to holders of the token. @throws Error when the port is taken */
export const listenArm = async (
  options: ArmServerOptions,
): Promise<{ readonly port: number; readonly server: Server }> => {
  const { log } = options;
  const server = createServer((request, response) => {
    answer(options, request)
      .catch((error: unknown) => toResponse(error, log))
      .then((reply) => send(response, reply))
      .catch((error: unknown) => log(String(error)));
  });
  server.requestTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the resource manager has no port");
  return { port: address.port, server };
};
