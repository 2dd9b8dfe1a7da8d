import type { GatewayRoute } from "./read-kong-config.ts";

export type MatchRoute = (method: string, path: string) => GatewayRoute | undefined;

/**
 * The route of a normalised path: the highest `regex_priority` first, then the longer pattern, then the order of the
 * file. Paths are case-sensitive; a route does not match a method it does not list (Kong answers 404, not 405).
 */
export const makeRouter = (routes: readonly GatewayRoute[]): MatchRoute => {
  const candidates = routes
    .flatMap((route) => route.patterns.map((pattern) => ({ route, pattern })))
    .toSorted(
      (a, b) => b.route.regexPriority - a.route.regexPriority || b.pattern.source.length - a.pattern.source.length,
    );
  return (method, path) =>
    candidates.find(({ route, pattern }) => route.methods.has(method) && pattern.test(path))?.route;
};

/**
 * The path a service is asked for (`get_upstream_uri_v0` of Kong's router, its default): with `strip_path` without what the
 * route matched, and below the service's own path.
 */
export const upstreamPath = ({ patterns, stripsPath, service }: GatewayRoute, path: string): string => {
  const { basePath } = service;
  if (!stripsPath) return basePath + path;
  const matched = patterns.map((pattern) => pattern.exec(path)?.[0]).find((text) => text !== undefined) ?? "";
  const rest = path.slice(matched.length);
  if (rest !== "") return rest.startsWith("/") ? basePath + rest : `${basePath}/${rest}`;
  return path.length > 1 && path.endsWith("/") ? `${basePath}/` : basePath || "/";
};
