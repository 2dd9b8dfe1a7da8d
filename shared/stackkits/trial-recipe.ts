import { z } from "zod";
import { DomainError } from "../kernel/errors.ts";
import { readYaml } from "../yaml/read-yaml.ts";
import { fillVariables } from "./fill-variables.ts";
import type { FoundVersion } from "./published-kits.ts";
import type { PublishedKit } from "./published-kit.ts";
import { sampleParameters } from "./sample-parameters.ts";

/** What a simulation host needs to run a version of a kit by itself. Variables are filled in; secrets are made up for it. */
export const TrialRecipe = z.object({
  kit: z.object({ id: z.string(), name: z.string(), version: z.string(), sha256: z.string() }),
  memoryMegabytes: z.int(),
  startSeconds: z.int(),
  services: z.array(
    z.object({
      name: z.string(),
      image: z.string(),
      command: z.array(z.string()).optional(),
      environment: z.record(z.string(), z.string()),
    }),
  ),
  /** Where its services listen, within their containers. */
  ports: z.array(
    z.object({
      name: z.string(),
      service: z.string(),
      number: z.int(),
      http: z.object({ path: z.string(), status: z.int() }).optional(),
    }),
  ),
});
export type TrialRecipe = z.infer<typeof TrialRecipe>;

const startSecondsUsual = 60;
/** Of a value or a word of a command before variables are filled in. */
const textCharactersMax = 4_000;

const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const Service = z.looseObject({
  command: z.union([z.string(), z.array(Scalar)]).optional(),
  entrypoint: z.unknown().optional(),
  environment: z.union([z.record(z.string(), Scalar), z.array(z.string())]).default({}),
});
const Compose = z.looseObject({ services: z.record(z.string(), Service).default({}) });
type Service = z.infer<typeof Service>;

const notTried = (service: string, what: string): DomainError =>
  new DomainError("kit-not-tried", `${service} cannot run in a simulation: ${what}`, { facts: { service } });

const textOf = (value: z.infer<typeof Scalar>): string => (value === null ? "" : String(value));

const environmentOf = ({ environment }: Service): readonly (readonly [string, string])[] => {
  if (!Array.isArray(environment)) return Object.entries(environment).map(([name, value]) => [name, textOf(value)]);
  return environment.map((line) => {
    const at = line.indexOf("=");
    return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
  });
};

/** A shell would read quotes and more; a node has none. @throws DomainError `kit-not-tried` */
const commandOf = (name: string, { command, entrypoint }: Service): readonly string[] | undefined => {
  if (entrypoint !== undefined) throw notTried(name, "it replaces the entry point of its image.");
  if (typeof command !== "string") return command?.map(textOf);
  if (/["'\\]/.test(command)) throw notTried(name, "write its command as a list.");
  return command.split(/\s+/).filter((word) => word !== "");
};

/** @throws DomainError `kit-not-tried` */
const servicesIn = (kitId: string, compose: string): Readonly<Record<string, Service>> => {
  const read = readYaml(compose);
  const parsed = read.kind === "read" ? Compose.safeParse(read.yaml.data()) : undefined;
  if (parsed?.success === true) return parsed.data.services;
  throw notTried(kitId, "its compose file has a form that no simulation knows.");
};

/**
 * How a version of a kit is tried: with values of its own for all parameters, without volumes.
 * @throws DomainError `kit-not-tried` when its compose file asks for what no simulation has, or it has no port to look at
 */
export const trialRecipeOf = (
  { version: { version, sha256 } }: Pick<FoundVersion, "version">,
  { kit, compose }: Pick<PublishedKit, "kit" | "compose">,
  newSecret: () => string,
): TrialRecipe => {
  const written = servicesIn(kit.id, compose);
  const numbers = kit.ports.map(
    ({ name, number }) => [`PORT_${name.toUpperCase().replaceAll("-", "_")}`, `${number}`] as const,
  );
  const values = new Map([...sampleParameters(kit, newSecret), ...numbers]);
  const fill = (service: string, text: string): string => {
    if (text.length > textCharactersMax) throw notTried(service, "a word of it is longer than any node can take.");
    return fillVariables(text, values);
  };
  const ports = kit.ports.filter(({ protocol }) => protocol === "tcp");
  if (ports.length === 0) throw notTried(kit.id, "it has no TCP port, so nothing tells whether it works.");
  return {
    kit: { id: kit.id, name: kit.name, version, sha256 },
    memoryMegabytes: kit.requirements.memoryMegabytes,
    startSeconds: kit.requirements.startSeconds ?? startSecondsUsual,
    services: kit.services.map(({ name, image }) => {
      const service = Object.hasOwn(written, name) ? (written[name] ?? Service.parse({})) : Service.parse({});
      const command = commandOf(name, service)?.map((word) => fill(name, word));
      const environment = environmentOf(service).map(([key, value]) => [key, fill(name, value)] as const);
      return {
        ...{ name, image, environment: Object.fromEntries(environment) },
        ...(command === undefined ? {} : { command }),
      };
    }),
    ports: ports.map(({ name, service, container, http }) => ({
      ...{ name, service, number: container },
      ...(http === undefined ? {} : { http }),
    })),
  };
};
