import type { IncomingMessage, ServerResponse } from "node:http";
import { describeError } from "../core/log.ts";
import type { FunctionInvoker } from "../core/rpc.ts";
import { hasSizedBody, readBody } from "./request-body.ts";
import { toRequestData } from "./request-data.ts";
import { type RequestTarget, routingPath } from "./request-path.ts";
import { endEmpty, sendInvocationResponse } from "./response.ts";
import type { HttpRoute, RouteTable } from "./route-table.ts";

export interface HttpFunctionsOptions {
  readonly routes: RouteTable;
  readonly invoker: FunctionInvoker;
  readonly bodyLimitBytes: number;
  readonly isDisabled: (functionName: string) => boolean;
  /** What the caller may do with a route: it decides between going on, 401 and 404. */
  readonly authorize: (request: IncomingMessage, search: string, route: HttpRoute) => HttpAccess;
  readonly log: (message: string) => void;
}

/** `admin` = the caller holds the master key, and may call disabled functions. */
export type HttpAccess = "refused" | "granted" | "admin";

export type HttpHandler = (request: IncomingMessage, response: ServerResponse, target: RequestTarget) => Promise<void>;

/** Refuses what cannot be read to the end: the connection is of no further use. */
const refuseBody = (response: ServerResponse): void => {
  response.setHeader("connection", "close");
  endEmpty(response, 413);
};

const failQuietly = (response: ServerResponse): void => {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  endEmpty(response, 500);
};

const originOf = (request: IncomingMessage): string => {
  const { localAddress = "127.0.0.1", localPort = 0 } = request.socket;
  return `http://${request.headers.host ?? `${localAddress}:${localPort}`}`;
};

interface Call {
  readonly route: HttpRoute;
  readonly values: Readonly<Record<string, string>>;
  readonly target: RequestTarget;
}

/** Answers requests for the app's HTTP functions; no route is a 404, whatever the method (there is no 405). */
export const httpFunctions = (options: HttpFunctionsOptions): HttpHandler => {
  const { routes, invoker, bodyLimitBytes, log } = options;

  const refusalOf = (route: HttpRoute, request: IncomingMessage, target: RequestTarget): number | undefined => {
    const access = options.authorize(request, target.search, route);
    if (access !== "admin" && options.isDisabled(route.registered.name)) return 404;
    return access === "refused" ? 401 : undefined;
  };

  const run = async (request: IncomingMessage, response: ServerResponse, call: Call): Promise<void> => {
    const { route, values, target } = call;
    let body: Buffer | undefined;
    if (hasSizedBody(request)) {
      const result = await readBody(request, bodyLimitBytes);
      if (result.kind === "too-large") {
        refuseBody(response);
        return;
      }
      // Nobody is left to answer, and nothing has been begun.
      if (result.kind === "aborted") return;
      body = result.bytes;
    } else if (request.headers["transfer-encoding"] !== undefined) {
      log(`The chunked body of a request to "${route.registered.name}" was dropped, as the real host does.`);
    }
    const url = originOf(request) + target.path + target.search;
    const http = toRequestData({ message: request, url, search: target.search, values, body });
    const result = await invoker.invoke(route.registered.name, { [route.bindingName]: { http } });
    sendInvocationResponse(response, result);
  };

  return async (request, response, target) => {
    const found = routes.find(request.method ?? "GET", routingPath(target.path));
    const refusal = found === undefined ? 404 : refusalOf(found.route, request, target);
    if (found === undefined || refusal !== undefined) {
      endEmpty(response, refusal ?? 404);
      return;
    }
    try {
      await run(request, response, { ...found, target });
    } catch (error) {
      log(`Executed '${found.route.registered.name}' (Failed): ${describeError(error)}`);
      failQuietly(response);
    }
  };
};
