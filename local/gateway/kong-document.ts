import { z } from "zod";
import { isAcceptableJwksUri } from "./claims.ts";
import { literal, referenceable } from "./vault.ts";

const milliseconds = z.int().min(1).max(3_600_000);
const methodNames = z.array(z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])).min(1);

const cors = z.strictObject({
  name: z.literal("cors"),
  config: z.strictObject({
    origins: z.array(literal.regex(/^https?:\/\/[a-z0-9.-]+(:\d+)?$/, "only literal origins are implemented")).min(1),
    methods: methodNames,
    headers: z.array(literal).min(1),
    exposed_headers: z.array(literal).default([]),
    credentials: z.literal(false, "only credentials: false is implemented"),
    max_age: z.int().min(0),
  }),
});

const correlationId = z.strictObject({
  name: z.literal("correlation-id"),
  config: z.strictObject({
    header_name: literal,
    generator: z.literal("uuid", "only the uuid generator is implemented"),
    echo_downstream: z.boolean(),
  }),
});

const rateLimiting = z.strictObject({
  name: z.literal("rate-limiting"),
  config: z.strictObject({
    minute: z.int().min(1),
    policy: z.literal("local", "only the local policy is implemented"),
    limit_by: z.enum(["credential", "ip"]),
  }),
});

const bytesPerUnit = { bytes: 1, kilobytes: 1024, megabytes: 1024 * 1024 } as const;

const requestSizeLimiting = z.strictObject({
  name: z.literal("request-size-limiting"),
  config: z
    .strictObject({
      allowed_payload_size: z.int().min(1),
      size_unit: z.enum(["bytes", "kilobytes", "megabytes"]),
    })
    .transform((config) => ({ maximumBytes: config.allowed_payload_size * bytesPerUnit[config.size_unit] })),
});

const problem = z.strictObject({ name: z.literal("kombify-problem") });

interface Keys {
  readonly functions_key?: string | undefined;
  readonly gateway_key?: string | undefined;
}

/** What proves to the upstream that the gateway speaks: the Functions app's own key, or one that opens nothing else. */
const hasOneKey = ({ functions_key, gateway_key }: Keys): boolean =>
  (functions_key === undefined) !== (gateway_key === undefined);
const oneKey = "exactly one of functions_key and gateway_key is needed";

/** kong/plugins/kombify-auth/schema.lua and kong/plugins/kombify-stack/schema.lua say the same to Kong. */
const ownPlugins = (vault: Readonly<Record<string, string>>) => {
  const reference = referenceable(vault);
  const keys = { functions_key: reference.optional(), gateway_key: reference.optional() };
  const required = z.strictObject({
    mode: z.literal("required"),
    issuer: reference,
    audiences: z.array(reference).min(1),
    jwks_uri: reference.refine(isAcceptableJwksUri, "jwks_uri must use https outside this machine"),
    ...keys,
  });
  const strip = z.strictObject({ mode: z.literal("strip"), keeps_code: z.boolean().default(false), ...keys });
  return [
    z.strictObject({
      name: z.literal("kombify-auth"),
      config: z.discriminatedUnion("mode", [required, strip]).refine(hasOneKey, oneKey),
    }),
    z.strictObject({
      name: z.literal("kombify-stack"),
      config: z.strictObject({ mode: z.literal("stack"), zone: reference, port: z.int().min(1).max(65535) }),
    }),
  ] as const;
};

/** The part of Kong's declarative format that the local gateway implements; every other field is an error. */
export const kongDocument = (vault: Readonly<Record<string, string>>) => {
  const plugin = z.discriminatedUnion("name", [
    cors,
    correlationId,
    rateLimiting,
    requestSizeLimiting,
    problem,
    ...ownPlugins(vault),
  ]);
  const plugins = z.array(plugin).default([]);
  const route = z.strictObject({
    name: literal,
    paths: z.array(literal.startsWith("~/", "only regular expression paths are implemented")).min(1),
    methods: methodNames,
    strip_path: z.boolean(),
    regex_priority: z.int().default(0),
    request_buffering: z.boolean().default(true),
    response_buffering: z.boolean().default(true),
    plugins,
  });
  const service = z.strictObject({
    name: literal,
    url: z
      .url({ protocol: /^http$/ })
      .refine((url) => /^\/[\w-]*$/.test(new URL(url).pathname), "only a path of one segment is implemented"),
    retries: z.literal(0, "only retries: 0 is implemented"),
    connect_timeout: milliseconds,
    write_timeout: milliseconds,
    read_timeout: milliseconds,
    plugins,
    routes: z.array(route).min(1),
  });
  return z.strictObject({ _format_version: z.literal("3.0"), services: z.array(service).min(1), plugins });
};

type KongDocument = z.output<ReturnType<typeof kongDocument>>;
export type KongService = KongDocument["services"][number];
export type KongRoute = KongService["routes"][number];
export type KongPlugin = KongDocument["plugins"][number];
/** The configuration of one plugin by its name. */
export type PluginConfig<N extends Exclude<KongPlugin["name"], "kombify-problem">> = Extract<
  KongPlugin,
  { name: N }
>["config"];
