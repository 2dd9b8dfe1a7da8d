import type { IncomingMessage, ServerResponse } from "node:http";
import { describeError } from "./core/log.ts";
import { durableWebhookPath } from "./durable-support.ts";
import type { HttpHandler } from "./http/http-functions.ts";
import { splitTarget } from "./http/request-path.ts";
import type { RequestTarget } from "./http/request-path.ts";
import { endEmpty } from "./http/response.ts";
import { durableSystemKeyName } from "./keys/key-file.ts";

export interface DispatchOptions {
  readonly functions: HttpHandler;
  readonly admin: HttpHandler;
  /** Absent when the app has no durable functions. */
  readonly durable: HttpHandler | undefined;
  readonly mayCallExtension: (request: IncomingMessage, search: string, systemKeyName: string) => boolean;
  /** False when a function of the app answers `/`. */
  readonly hasHomePage: (method: string) => boolean;
  readonly isHomePageEmpty: boolean;
  readonly log: (message: string) => void;
}

const homePage = Buffer.from(
  "<!doctype html><html><head><title>Functions</title></head><body><p>Your Functions app is up and running.</p></body></html>",
);

const sendHomePage = (response: ServerResponse, isEmpty: boolean): void => {
  if (isEmpty) {
    endEmpty(response, 204);
    return;
  }
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.setHeader("content-length", homePage.byteLength);
  response.end(homePage);
};

const isHostName = (host: string): boolean => /^[\w.~-]+(:\d{1,5})?$|^\[[\da-f:.]+\](:\d{1,5})?$/i.test(host);

const isBelow = (path: string, folder: string): boolean =>
  path.length > folder.length &&
  path.charAt(folder.length) === "/" &&
  path.slice(0, folder.length).toLowerCase() === folder;

/** Sends each request to the app's functions, the admin API or an extension's webhooks. Never rejects. */
export const dispatcher = (
  options: DispatchOptions,
): ((request: IncomingMessage, response: ServerResponse) => void) => {
  const webhook: HttpHandler = async (request, response, target) => {
    const isDurable = isBelow(`${target.path}/`, durableWebhookPath);
    if (options.durable === undefined || !isDurable) endEmpty(response, 404);
    else if (!options.mayCallExtension(request, target.search, durableSystemKeyName)) endEmpty(response, 401);
    else await options.durable(request, response, target);
  };

  const home: HttpHandler = (_request, response) => {
    sendHomePage(response, options.isHomePageEmpty);
    return Promise.resolve();
  };

  const choose = (request: IncomingMessage, target: RequestTarget): HttpHandler => {
    const { path } = target;
    if (isBelow(path, "/admin")) return options.admin;
    if (isBelow(path, "/runtime/webhooks")) return webhook;
    if (path === "/" && options.hasHomePage(request.method ?? "GET")) {
      return home;
    }
    return options.functions;
  };

  return (request, response) => {
    const target = splitTarget(request.url ?? "/");
    if (target === undefined || !isHostName(request.headers.host ?? "localhost")) {
      endEmpty(response, 400);
      return;
    }
    choose(request, target)(request, response, target).catch((error: unknown) => {
      options.log(`Request failed: ${describeError(error)}`);
      if (response.headersSent) response.destroy();
      else endEmpty(response, 500);
    });
  };
};
