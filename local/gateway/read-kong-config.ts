import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import type { z } from "zod";
import { missingSecret } from "./vault.ts";
import { kongDocument, type KongPlugin, type KongRoute, type KongService, type PluginConfig } from "./kong-document.ts";

/** What runs on a route: of each plugin the most specific instance, route over service over global (as in Kong). */
export interface RoutePlugins {
  readonly "correlation-id"?: PluginConfig<"correlation-id">;
  readonly cors?: PluginConfig<"cors">;
  readonly "kombify-auth"?: PluginConfig<"kombify-auth">;
  readonly "kombify-stack"?: PluginConfig<"kombify-stack">;
  readonly "request-size-limiting"?: PluginConfig<"request-size-limiting">;
  readonly "rate-limiting"?: PluginConfig<"rate-limiting">;
}

export interface GatewayService {
  readonly name: string;
  readonly url: URL;
  /** Why it does not run on this machine, for whoever asks; undefined when it does. */
  readonly absence: string | undefined;
  /** Put before the path of every request; empty for none. */
  readonly basePath: string;
  readonly connectTimeoutMilliseconds: number;
  readonly writeTimeoutMilliseconds: number;
  readonly readTimeoutMilliseconds: number;
}

export interface GatewayRoute {
  readonly name: string;
  readonly patterns: readonly RegExp[];
  readonly stripsPath: boolean;
  readonly regexPriority: number;
  readonly methods: ReadonlySet<string>;
  readonly service: GatewayService;
  readonly plugins: RoutePlugins;
}

export interface GatewayConfig {
  readonly routes: readonly GatewayRoute[];
  /** What also runs when no route matches. */
  readonly globalPlugins: RoutePlugins;
}

export interface KongConfigSettings {
  /** Values of `{vault://env/...}` references by variable name. */
  readonly vault: Readonly<Record<string, string>>;
  /** Where a service really is on this machine, by service name. */
  readonly serviceUrls: Readonly<Record<string, string>>;
  /** Services that do not run on this machine, by name, with what is said about it. */
  readonly absentServices?: Readonly<Record<string, string>>;
  /** Replaces the origins of the `cors` plugins. */
  readonly corsOrigins?: readonly string[];
}

const sentence = (issue: z.core.$ZodIssue): string => {
  const place = issue.path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  const fault =
    issue.code === "unrecognized_keys"
      ? `not implemented by the local gateway: ${issue.keys.join(", ")}`
      : issue.code === "invalid_union"
        ? `not implemented by the local gateway, or unknown`
        : issue.message;
  return `${place.replace(/^\./, "")}: ${fault}`;
};

const nameAt = (document: unknown, path: readonly PropertyKey[]): string => {
  let value = document;
  for (const key of path) value = value instanceof Object ? Reflect.get(value, key) : undefined;
  return typeof value === "string" ? ` ("${value}")` : "";
};

const parseDocument = (text: string, file: string, vault: KongConfigSettings["vault"]) => {
  const document: unknown = parse(text, { maxAliasCount: 1000 });
  const result = kongDocument(vault).safeParse(document);
  if (result.success) return result.data;
  // A secret is referred to by many routes; once is enough to say that it is missing.
  const faults = new Set(
    result.error.issues.map((issue) =>
      issue.message.startsWith(missingSecret) ? issue.message : sentence(issue) + nameAt(document, issue.path),
    ),
  );
  throw new Error(`${file} cannot be served by the local gateway:\n  ${[...faults].join("\n  ")}`);
};

const settle = (plugin: KongPlugin, corsOrigins: readonly string[] | undefined): RoutePlugins => {
  switch (plugin.name) {
    case "kombify-problem":
      return {};
    case "cors":
      return { cors: { ...plugin.config, origins: [...(corsOrigins ?? plugin.config.origins)] } };
    default:
      return { [plugin.name]: plugin.config };
  }
};

const merge = (plugins: readonly KongPlugin[], corsOrigins: readonly string[] | undefined): RoutePlugins =>
  plugins.reduce<RoutePlugins>((merged, plugin) => ({ ...merged, ...settle(plugin, corsOrigins) }), {});

const toService = (service: KongService, { serviceUrls, absentServices }: KongConfigSettings): GatewayService => ({
  name: service.name,
  url: new URL(serviceUrls[service.name] ?? service.url),
  absence: absentServices?.[service.name],
  basePath: new URL(service.url).pathname.replace(/^\/$/, ""),
  connectTimeoutMilliseconds: service.connect_timeout,
  writeTimeoutMilliseconds: service.write_timeout,
  readTimeoutMilliseconds: service.read_timeout,
});

const toRoute = (route: KongRoute, service: GatewayService, plugins: RoutePlugins): GatewayRoute => ({
  name: route.name,
  // Kong anchors a regular expression path at its start, and only there.
  patterns: route.paths.map((path) => new RegExp(`^(?:${path.slice(1)})`)),
  stripsPath: route.strip_path,
  regexPriority: route.regex_priority,
  methods: new Set(route.methods),
  service,
  plugins,
});

/**
 * Reads a Kong declarative file (`_format_version: "3.0"`).
 * @throws Error naming every plugin, option or field that the local gateway does not implement, and every unset secret.
 */
export const readKongConfig = async (file: string, settings: KongConfigSettings): Promise<GatewayConfig> => {
  const document = parseDocument(await readFile(file, "utf8"), file, settings.vault);
  const routes = document.services.flatMap((kongService) => {
    const service = toService(kongService, settings);
    return kongService.routes.map((route) => {
      const plugins = [...document.plugins, ...kongService.plugins, ...route.plugins];
      return toRoute(route, service, merge(plugins, settings.corsOrigins));
    });
  });
  return { routes, globalPlugins: merge(document.plugins, settings.corsOrigins) };
};
