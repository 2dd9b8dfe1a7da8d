import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { ArmError } from "./arm-error.ts";

const maximumBodyBytes = 4 * 1024 * 1024;

export interface ArmRequest {
  /** The named groups of the route's pattern, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Undefined when the body is empty. */
  readonly body: unknown;
}

export interface ArmResponse {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** Matched against the path without the query; ARM's paths do not regard case. */
  readonly pattern: RegExp;
  readonly handle: (request: ArmRequest) => ArmResponse;
  /** True for what is not ARM's: no token and no api-version is asked for. */
  readonly isOpen?: boolean;
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

const answer = async (
  routes: readonly Route[],
  acceptedToken: string,
  request: IncomingMessage,
): Promise<ArmResponse> => {
  // Clients put a slash before a resource id that begins with one; `//x` would be read as a host.
  const url = new URL((request.url ?? "/").replace(/^\/+/, "/"), "http://manager");
  const route = routes.find(({ method, pattern }) => method === request.method && pattern.test(url.pathname));
  if (route?.isOpen !== true) {
    requireToken(request, acceptedToken);
    requireApiVersion(url.searchParams);
  }
  if (route === undefined)
    throw new ArmError("NotImplemented", `${request.method ?? ""} ${url.pathname} is not supported here.`);
  const params = decode(route.pattern.exec(url.pathname)?.groups);
  return route.handle({ params, query: url.searchParams, body: await readBody(request) });
};

const send = (response: ServerResponse, { status, body, headers }: ArmResponse): void => {
  response.writeHead(status, {
    "x-ms-request-id": randomUUID(),
    "cache-control": "no-cache",
    ...(body === undefined ? {} : { "content-type": "application/json; charset=utf-8" }),
    ...headers,
  });
  response.end(body === undefined ? undefined : JSON.stringify(body));
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
export const listenArm = async (options: {
  readonly port: number;
  readonly acceptedToken: string;
  readonly routes: readonly Route[];
  readonly log: (line: string) => void;
}): Promise<{ readonly port: number; readonly server: Server }> => {
  const { routes, acceptedToken, log } = options;
  const server = createServer((request, response) => {
    answer(routes, acceptedToken, request)
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
