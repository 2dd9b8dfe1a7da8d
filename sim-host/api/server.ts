import websocket from "@fastify/websocket";
import type { FastifyInstance } from "fastify";
import { fastify } from "fastify";
import type { ApiDeps, RouteGroup } from "./api-deps.ts";
import { addErrorBoundary, answerProblem, refuseConnection } from "./error-boundary.ts";
import { countRequests, probeRoutes } from "./probes.route.ts";
import { makeReadCaller } from "./read-caller.ts";
import { addBodyParsers, refuseRepeatedParameters } from "./read-request.ts";
import type { LiveParts } from "./live-parts.ts";
import { makeLiveParts } from "./live-parts.ts";
import { makeRequireGateway } from "./require-gateway.ts";
import { schemaRoute } from "./schema.route.ts";
import { signedRoutes } from "./signed-routes.ts";
import { requireSignedCalls } from "./signed-call.ts";
import { addTerminalSocket, socketOptions } from "./terminals/terminal-socket.ts";

const bodyBytesMax = 1024 * 1024;
const headerBytesMax = 16 * 1024;
/** How long a client may take for its headers, and for all of a request. */
const headersTimeoutMilliseconds = 10_000;
const requestTimeoutMilliseconds = 30_000;
const checkingMilliseconds = 2_000;
/** A connection on which nothing moves; streams have bounds of their own. */
const idleTimeoutMilliseconds = 120_000;
/** Longer than the gateway keeps its connections (60 s), so that it never sends into one that we just closed. */
const keepAliveMilliseconds = 75_000;
/** Longer than the longest work an answer waits for (a command, a save). */
const handlerTimeoutMilliseconds = 75_000;
const connectionsMax = 2_000;

/** An id for logs and problems; the gateway's, when it is one that may stand there. */
const requestIdOf = (header: string | string[] | undefined, newId: () => string): string =>
  typeof header === "string" && /^[\w.:-]{1,100}$/.test(header) ? header : newId();

const makeApp = ({ log, newId }: ApiDeps): FastifyInstance => {
  const app = fastify({
    logger: false,
    bodyLimit: bodyBytesMax,
    requestTimeout: requestTimeoutMilliseconds,
    connectionTimeout: idleTimeoutMilliseconds,
    keepAliveTimeout: keepAliveMilliseconds,
    handlerTimeout: handlerTimeoutMilliseconds,
    exposeHeadRoutes: false,
    http: {
      headersTimeout: headersTimeoutMilliseconds,
      maxHeaderSize: headerBytesMax,
      connectionsCheckingInterval: checkingMilliseconds,
    },
    // As long as a request line can be: an id that is too long is unknown like any other.
    routerOptions: { maxParamLength: headerBytesMax },
    genReqId: ({ headers }) => requestIdOf(headers["x-request-id"], newId),
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error, request, reply) => answerProblem(log, error, request, reply),
  });
  app.server.maxConnections = connectionsMax;
  return app;
};

/** Everything that people and programs reach through the gateway. */
const gatewayScope = (live: ApiDeps & LiveParts, groups: readonly RouteGroup[]) => (app: FastifyInstance) => {
  const requireGateway = makeRequireGateway(live.gatewayKeys);
  app.addHook("onRequest", (request, _reply, done) => {
    requireGateway(request);
    refuseRepeatedParameters(request);
    done();
  });
  schemaRoute("/schemas/simulation/v1.json", live)(app);
  addTerminalSocket(app, live);
  void app.register((signed, _options, done) => {
    requireSignedCalls(signed, makeReadCaller(live));
    for (const add of groups) add(signed);
    done();
  });
};

/**
 * The simulation host's HTTP API (contracts in `docs/contracts.md`), not listening yet. `more` are groups of routes of
 * other rooms; they are added behind the same checks.
 */
export const buildServer = (deps: ApiDeps, more: readonly RouteGroup[] = []): FastifyInstance => {
  const app = makeApp(deps);
  addErrorBoundary(app, deps.log);
  countRequests(app, deps);
  addBodyParsers(app);
  void app.register(websocket, {
    options: socketOptions,
    // Sockets end with `closing`; what is left is cut off by who stops the server.
    preClose: (done) => done(),
    errorHandler: (_error, socket) => socket.terminate(),
  });
  app.addHook("onRequest", (_request, reply, done) => {
    reply.headers({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
    done();
  });
  const closing = new AbortController();
  app.addHook("preClose", (done) => {
    closing.abort();
    done();
  });
  const live = { ...deps, ...makeLiveParts(deps, closing.signal) };
  void app.register((scope, _options, done) => {
    probeRoutes(deps)(scope);
    done();
  });
  void app.register((scope, _options, done) => {
    gatewayScope(live, [...signedRoutes(live), ...more])(scope);
    done();
  });
  return app;
};
