import type { IncomingMessage } from "node:http";
import type { PluginConfig } from "./kong-document.ts";

type CorsConfig = PluginConfig<"cors">;
type Headers = Readonly<Record<string, string>>;

const originHeaders = (config: CorsConfig, origin: string): Headers =>
  config.origins.includes(origin) ? { Vary: "Origin", "Access-Control-Allow-Origin": origin } : { Vary: "Origin" };

/** The answer to a browser's preflight, which never reaches the upstream; undefined for any other request. */
export const preflightHeaders = (config: CorsConfig, request: IncomingMessage): Headers | undefined => {
  const { origin } = request.headers;
  const asksForMethod = request.headers["access-control-request-method"] !== undefined;
  if (request.method !== "OPTIONS" || origin === undefined || !asksForMethod) return undefined;
  return {
    ...originHeaders(config, origin),
    "Access-Control-Allow-Methods": config.methods.join(","),
    "Access-Control-Allow-Headers": config.headers.join(","),
    "Access-Control-Max-Age": String(config.max_age),
  };
};

/** What is added to every other answer to a request with an `Origin`. */
export const responseHeaders = (config: CorsConfig, request: IncomingMessage): Headers => {
  const { origin } = request.headers;
  if (origin === undefined) return {};
  return { ...originHeaders(config, origin), "Access-Control-Expose-Headers": config.exposed_headers.join(",") };
};
