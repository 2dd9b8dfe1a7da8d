import type { Agent, IncomingMessage, ServerResponse } from "node:http";
import { inspect } from "node:util";
import { makeAdmit, type Admission, type Admit } from "./authenticate.ts";
import { withoutFunctionCode } from "./claims.ts";
import { preflightHeaders, responseHeaders } from "./cors.ts";
import { bodyTooLarge, forward } from "./forward.ts";
import { clientAddressOf, refuseAmbiguousRequest } from "./headers.ts";
import { escapePath, normalisePath } from "./normalise-path.ts";
import { GatewayProblem, sendProblem } from "./problem.ts";
import { makeRateLimiter, type CountRequest } from "./rate-limiter.ts";
import type { GatewayConfig, GatewayRoute, RoutePlugins } from "./read-kong-config.ts";
import { makeRouter, upstreamPath, type MatchRoute } from "./router.ts";
import { stackPageHeaders, stackTarget, type StackTarget } from "./stack-paths.ts";
import { makeStackResolver, type StackResolver } from "./stack-resolver.ts";

export interface HandlerDeps {
  readonly config: GatewayConfig;
  readonly agent: Agent;
  readonly stackResolverUrl: string | undefined;
  readonly nowMilliseconds: () => number;
  readonly newId: () => string;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

interface Parts extends HandlerDeps {
  readonly match: MatchRoute;
  readonly admit: Admit;
  readonly count: CountRequest;
  readonly stacks: StackResolver;
}

/** One request on its way through; `requestHeaders` go upstream, `responseHeaders` to the client. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly query: string;
  readonly upgradeHead: Buffer | undefined;
  readonly requestHeaders: Record<string, string>;
  readonly responseHeaders: Record<string, string>;
  requestId: string | undefined;
}

const lingerMilliseconds = 2000;
const unlimited = Number.MAX_SAFE_INTEGER;

const split = (url: string): { readonly path: string; readonly query: string } => {
  const mark = url.indexOf("?");
  return mark < 0 ? { path: url, query: "" } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
};

/** What may go into logs and answers as it is; anything else is replaced (kombify-problem does the same in Kong). */
export const isRequestId = (id: string): boolean => /^[A-Za-z0-9._-]{1,100}$/.test(id);

const correlate = ({ newId }: Parts, exchange: Exchange, plugins: RoutePlugins): void => {
  const config = plugins["correlation-id"];
  if (config === undefined) return;
  const sent = exchange.request.headers[config.header_name.toLowerCase()];
  const id = typeof sent === "string" && isRequestId(sent) ? sent : newId();
  exchange.requestId = id;
  exchange.requestHeaders[config.header_name] = id;
  if (config.echo_downstream) exchange.responseHeaders[config.header_name] = id;
};

const refuseDeclaredSize = (request: IncomingMessage, maximumBytes: number): void => {
  if (Number(request.headers["content-length"] ?? "0") > maximumBytes) throw bodyTooLarge();
};

const limit = (parts: Parts, exchange: Exchange, route: GatewayRoute, admission: Admission | undefined): void => {
  const size = route.plugins["request-size-limiting"];
  if (size !== undefined) refuseDeclaredSize(exchange.request, size.maximumBytes);
  const rate = route.plugins["rate-limiting"];
  if (rate === undefined) return;
  const subject = {
    routeName: route.name,
    credentialId: admission?.credentialId,
    ip: clientAddressOf(exchange.request),
  };
  Object.assign(exchange.responseHeaders, parts.count(rate, subject));
};

const pathAndQuery = (path: string, query: string): string => (query === "" ? path : `${path}?${query}`);

const forwardTo = (
  parts: Parts,
  exchange: Exchange,
  route: GatewayRoute,
  to: { target: URL; path: string; query: string },
) =>
  forward(exchange.request, exchange.response, {
    agent: parts.agent,
    service: route.service,
    target: to.target,
    path: exchange.path,
    pathAndQuery: pathAndQuery(to.path, to.query),
    maximumBodyBytes: route.plugins["request-size-limiting"]?.maximumBytes ?? unlimited,
    requestHeaders: exchange.requestHeaders,
    responseHeaders: exchange.responseHeaders,
    hasCors: route.plugins.cors !== undefined && exchange.request.headers.origin !== undefined,
    upgradeHead: exchange.upgradeHead,
  });

const serveStack = async (parts: Parts, exchange: Exchange, route: GatewayRoute, stack: StackTarget): Promise<void> => {
  if (stack.kind === "redirect") {
    exchange.response.writeHead(308, { ...exchange.responseHeaders, location: stack.location, "content-length": 0 });
    exchange.response.end();
    return;
  }
  if (stack.kind === "refuse") throw new GatewayProblem("not-found", "There is nothing at this address.");
  limit(parts, exchange, route, undefined);
  const target = await parts.stacks.resolve(stack.instance);
  Object.assign(exchange.responseHeaders, stackPageHeaders(stack.path) ?? {});
  try {
    await forwardTo(parts, exchange, route, { target, path: stack.path, query: exchange.query });
  } catch (error) {
    if (error instanceof GatewayProblem && error.code === "upstream-unavailable") parts.stacks.forget(stack.instance);
    throw error;
  }
};

const serveRoute = async (parts: Parts, exchange: Exchange, route: GatewayRoute): Promise<void> => {
  const { plugins } = route;
  if (plugins["kombify-stack"] !== undefined) {
    await serveStack(parts, exchange, route, stackTarget(exchange.path, exchange.request.method ?? "GET"));
    return;
  }
  const auth = plugins["kombify-auth"];
  const admission = auth === undefined ? undefined : await parts.admit(auth, exchange.request);
  Object.assign(exchange.requestHeaders, admission?.headers);
  limit(parts, exchange, route, admission);
  const { absence } = route.service;
  if (absence !== undefined)
    throw new GatewayProblem("upstream-unavailable", absence, { status: 503, isLasting: true });
  const keepsCode = auth === undefined || (auth.mode === "strip" && auth.keeps_code);
  const query = keepsCode ? exchange.query : withoutFunctionCode(exchange.query);
  await forwardTo(parts, exchange, route, {
    target: route.service.url,
    path: upstreamPath(route, exchange.path),
    query,
  });
};

const serve = async (parts: Parts, exchange: Exchange): Promise<void> => {
  const { request, response } = exchange;
  refuseAmbiguousRequest(request);
  const route = parts.match(request.method ?? "", normalisePath(split(request.url ?? "/").path));
  const plugins = route?.plugins ?? parts.config.globalPlugins;
  correlate(parts, exchange, plugins);
  if (plugins.cors !== undefined) {
    const preflight = route === undefined ? undefined : preflightHeaders(plugins.cors, request);
    Object.assign(exchange.responseHeaders, preflight ?? responseHeaders(plugins.cors, request));
    if (preflight !== undefined) {
      response.writeHead(200, { ...exchange.responseHeaders, "content-length": 0 });
      response.end();
      return;
    }
  }
  if (route === undefined) throw new GatewayProblem("not-found", "There is nothing at this address.");
  await serveRoute(parts, exchange, route);
};

/** Lets the client finish sending for a moment, so that it reads the refusal instead of a reset connection. */
const linger = (request: IncomingMessage): void => {
  if (request.complete) return;
  request.resume();
  const timer = setTimeout(() => request.socket.destroy(), lingerMilliseconds);
  request.once("end", () => clearTimeout(timer));
  request.once("close", () => clearTimeout(timer));
};

/** One line for what is expected to happen (something is down); everything there is for a fault of our own. */
const describeCause = (code: string, cause: unknown): string => {
  if (code === "internal") return inspect(cause, { depth: 2 });
  const texts: string[] = [];
  for (let each = cause; each instanceof Error && texts.length < 4; each = each.cause) texts.push(each.message);
  return texts.join(": ");
};

const fail = (parts: Parts, exchange: Exchange, error: unknown): void => {
  const { request, response, path, requestId, responseHeaders } = exchange;
  const problem =
    error instanceof GatewayProblem ? error : new GatewayProblem("internal", "The gateway failed.", { cause: error });
  const { code, cause } = problem;
  if (cause !== undefined) parts.log({ level: "warn", code, path, requestId, cause: describeCause(code, cause) });
  if (response.headersSent) {
    response.destroy();
    return;
  }
  sendProblem(response, problem, { requestId, headers: responseHeaders });
  linger(request);
};

/**
 * The whole way of a request: route, plugins in Kong's order of priority, upstream. `upgradeHead` comes with a request for
 * a WebSocket: what was sent after it. Never rejects.
 */
export const makeHandler = (deps: HandlerDeps) => {
  const parts: Parts = {
    ...deps,
    match: makeRouter(deps.config.routes),
    admit: makeAdmit(deps.nowMilliseconds),
    count: makeRateLimiter(deps.nowMilliseconds),
    stacks: makeStackResolver(deps.stackResolverUrl, deps.nowMilliseconds),
  };
  return async (request: IncomingMessage, response: ServerResponse, upgradeHead?: Buffer): Promise<void> => {
    const { path, query } = split(request.url ?? "/");
    const exchange: Exchange = {
      request,
      response,
      path: escapePath(normalisePath(path)),
      query,
      upgradeHead,
      requestHeaders: {},
      responseHeaders: {},
      requestId: undefined,
    };
    try {
      await serve(parts, exchange);
    } catch (error) {
      fail(parts, exchange, error);
    }
  };
};
