import { createHash } from "node:crypto";
import type { Installation } from "./installation.ts";
import type { Kit } from "./kit.ts";
import type { PublishedKit } from "./published-kit.ts";
import type { SpecText } from "./read-spec.ts";

/** A PocketBase id, derived: what is repeated after a crash meets the rows it had begun. */
export const rowIdOf = (kind: string, tenantId: string, name: string): string =>
  createHash("sha256")
    .update(JSON.stringify([kind, tenantId, name]))
    .digest("hex")
    .slice(0, 15);

const nameMax = 100;

/** A name that fits the collections; two that are too long stay different when only their ends differ. */
const rowNameOf = (text: string): string => {
  if (text.length <= nameMax) return text;
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 12);
  return `${text.slice(0, nameMax - digest.length - 1)}-${digest}`;
};

export interface SecretRow {
  readonly id: string;
  readonly name: string;
  readonly value: string;
}

export interface RenderedInstallation {
  readonly spec: Installation;
  /** Go into the collection `secrets`, which administrators of the Stack alone may read, and nowhere else. */
  readonly secrets: readonly SecretRow[];
}

interface Given {
  readonly tenantId: string;
  readonly requestedBy: string;
  readonly spec: SpecText;
}

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean";

const renderParameters = (kit: Kit, name: string, { tenantId, spec }: Given) => {
  const secrets: SecretRow[] = [];
  const parameters = kit.parameters.flatMap((parameter): (readonly [string, Installation["parameters"][string]])[] => {
    const value = spec.value(["parameters", parameter.name]) ?? parameter.default;
    if (!isScalar(value)) return [];
    if (parameter.type !== "secret") return [[parameter.name, value]];
    const secret = rowNameOf(`${name}/${parameter.name}`);
    secrets.push({ id: rowIdOf("secret", tenantId, secret), name: secret, value: String(value) });
    return [[parameter.name, { secret }]];
  });
  return { parameters: Object.fromEntries(parameters), secrets };
};

/** What is to be written for a spec that was found valid. The compose file keeps its variables: nothing is put into it. */
export const renderInstallation = ({ kit, compose }: PublishedKit, given: Given): RenderedInstallation => {
  const { spec, tenantId, requestedBy } = given;
  const name = String(spec.value(["name"]));
  const { parameters, secrets } = renderParameters(kit, name, given);
  const numbers = kit.ports.map(
    (port) => [port.name, Number(spec.value(["ports", port.name]) ?? port.number)] as const,
  );
  const ports = Object.fromEntries(numbers);
  const services = kit.services.map((service) => ({
    id: rowIdOf("service", tenantId, `${name}/${service.name}`),
    name: rowNameOf(`${name}-${service.name}`),
    image: service.image,
    ports: kit.ports
      .filter((port) => port.service === service.name)
      .map((port) => ({
        ...{ name: port.name, number: ports[port.name] ?? port.number },
        ...{ container: port.container, protocol: port.protocol },
      })),
  }));
  return {
    secrets,
    spec: {
      ...{
        name,
        kit: kit.id,
        version: kit.version,
        state: "written",
        parameters,
        ports,
        services,
        compose,
        requestedBy,
      },
      serviceIds: services.map(({ id }) => id),
      secretIds: secrets.map(({ id }) => id),
      dependencies: kit.dependencies,
      idempotency: null,
    },
  };
};

export interface Change {
  readonly pointer: string;
  readonly from: unknown;
  readonly to: unknown;
}

const shown = (spec: Installation | undefined): ReadonlyMap<string, unknown> => {
  if (spec === undefined) return new Map();
  const { version, parameters, ports, services, compose } = spec;
  return new Map<string, unknown>([
    ["/version", version],
    ["/compose", compose],
    ...Object.entries(parameters).map(([key, value]) => [`/parameters/${key}`, value] as const),
    ...Object.entries(ports).map(([key, value]) => [`/ports/${key}`, value] as const),
    ...services.map(({ name, image }) => [`/services/${name}`, image] as const),
  ]);
};

/** What an install changes; `from` or `to` is null where there is nothing. New values of secrets do not show. */
export const changesBetween = (
  before: Installation | undefined,
  after: Installation | undefined,
): readonly Change[] => {
  const [old, fresh] = [shown(before), shown(after)];
  return [...new Set([...old.keys(), ...fresh.keys()])]
    .map((pointer) => ({ pointer, from: old.get(pointer) ?? null, to: fresh.get(pointer) ?? null }))
    .filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to));
};
