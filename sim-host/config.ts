import { z } from "zod";

const BaseUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ""));
const Id = z.string().regex(/^[\w-]{1,64}$/);
const Path = z.string().startsWith("/");

/** Settings of the simulation host, from its environment. Secrets come from files that only its user can read. */
export const Settings = z.object({
  /** Where it listens. On a VM this is its private address: bridges of simulations do not reach it. */
  SIM_LISTEN_ADDRESS: z.union([z.ipv4(), z.literal("localhost")]).default("127.0.0.1"),
  SIM_PORT: z.coerce.number().int().min(0).max(65_535).default(7080),
  /** Database, saves and captures. */
  SIM_DATA_DIRECTORY: Path,
  DOCKER_SOCKET: Path.default("/var/run/docker.sock"),
  /** JSON: the images nodes may be made from; see README. */
  SIM_IMAGES_FILE: Path,
  /** One of them, with BusyBox: what the walls are tested from. */
  SIM_CANARY_IMAGE: z.string().default("toolbox"),
  /** A stronger runtime for nodes, as in `runsc`. Nothing starts when it is set and the engine lacks it. */
  SIM_RUNTIME: z
    .string()
    .regex(/^[\w.-]+$/)
    .optional(),
  /** Where links get their subnets. */
  SIM_SUBNETS: z.cidrv4().default("10.111.0.0/16"),
  /** What all simulations together may have. */
  SIM_MEMORY_MEGABYTES: z.coerce.number().int().min(64),
  SIM_CPUS: z.coerce.number().min(0.1),
  SIM_SIMULATIONS_MAX: z.coerce.number().int().min(1).default(200),
  /** Whether simulations run on while the host is restarted, or are taken away and made again. */
  SIM_ON_SHUTDOWN: z.enum(["keep", "remove"]).default("keep"),
  /** A name outside that no node may look up. */
  SIM_EXTERNAL_NAME: z.hostname().default("example.com"),
  /** The gateway's base URL as people see it. */
  PUBLIC_BASE_URL: BaseUrl,
  /** The Functions app itself: the gateway has no route to contract C1. */
  CONTROL_PLANE_URL: BaseUrl,
  /** Holds the service key for contract C1; read anew each time, so that a new key is taken up. */
  SERVICE_KEY_FILE: Path,
  /** Holds the key by which the gateway is known; two lines while it is changed. */
  GATEWAY_KEY_FILE: Path,
  OIDC_ISSUER: BaseUrl,
  OIDC_JWKS_URI: z.url(),
  OIDC_PROJECT_ID: Id,
  OPERATOR_ORG_ID: Id,
});
export type Settings = z.infer<typeof Settings>;

/** @throws Error that lists everything that is wrong with the settings, and no values */
export const readSettings = (environment: Readonly<Record<string, string | undefined>>): Settings => {
  const parsed = Settings.safeParse(environment);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(({ path, message }) => `  ${path.join(".")}: ${message}`);
  throw new Error(`The settings of the simulation host make no sense:\n${lines.join("\n")}`);
};
