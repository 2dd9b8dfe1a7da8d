import { z } from "zod";
import { pointerOf } from "../yaml/json-pointer.ts";
import type { Kit } from "./kit.ts";
import type { Problem, Rule } from "./rules.ts";

/** What lint reads of a compose file; the rest is the author's. */
const Service = z.looseObject({
  image: z.string().optional(),
  ports: z.array(z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  privileged: z.boolean().optional(),
  network_mode: z.string().optional(),
});
const Compose = z.looseObject({ services: z.record(z.string(), Service) });
type Service = z.infer<typeof Service>;

/** The variable of a compose file that holds the chosen number of a port. */
const portVariableOf = (name: string): string => `PORT_${name.toUpperCase().replaceAll("-", "_")}`;

const portText = ({ name, number, container, protocol }: Kit["ports"][number]): string =>
  `\${${portVariableOf(name)}:-${number}}:${container}${protocol === "udp" ? "/udp" : ""}`;

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((text) => other.includes(text));

/** Named volumes only: what begins with a dot or slash is a path of the node. */
const named = (texts: readonly string[]): readonly string[] =>
  texts.filter((text) => !/^[./~$]/.test(text)).map((text) => text.replace(/:(ro|rw|z|Z)$/, ""));

const listProblem = (rule: Rule, path: readonly string[], wanted: readonly string[]): Problem => ({
  rule,
  path,
  reason: `By kit.yaml this is ${wanted.length === 0 ? "empty" : wanted.join(", ")}.`.slice(0, 300),
  repair:
    wanted.length === 0
      ? [{ op: "remove", path: pointerOf(path) }]
      : [{ op: "add", path: pointerOf(path), value: wanted }],
});

const lintService = (kit: Kit, name: string, service: Service): readonly Problem[] => {
  const at = ["services", name];
  const problems: Problem[] = [];
  const image = kit.services.find((declared) => declared.name === name)?.image;
  if (image !== undefined && service.image !== image) {
    const path = [...at, "image"];
    const repair = [{ op: "add" as const, path: pointerOf(path), value: image }];
    problems.push({ rule: "compose/image-differs", path, reason: `By kit.yaml the image is ${image}.`, repair });
  }
  const ports = kit.ports.filter((port) => port.service === name).map(portText);
  if (!isSame(ports, service.ports ?? [])) problems.push(listProblem("compose/ports-differ", [...at, "ports"], ports));
  const volumes = kit.volumes
    .filter((volume) => volume.service === name)
    .map((volume) => `${volume.name}:${volume.path}`);
  const there = service.volumes ?? [];
  if (!isSame(volumes, named(there))) {
    const wanted = [...volumes, ...there.filter((text) => /^[./~$]/.test(text))];
    problems.push(listProblem("compose/volumes-differ", [...at, "volumes"], wanted));
  }
  if (service.privileged === true || service.network_mode === "host") {
    problems.push({ rule: "compose/privileged", path: at, reason: `${name} has the rights of its node.` });
  }
  return problems;
};

const variable = /\$\$|\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)[^}]{0,200}\}|\$(?<bare>[A-Za-z_][A-Za-z0-9_]*)/g;

const lintVariables = (kit: Kit, data: unknown): readonly Problem[] => {
  const known = new Set([
    ...kit.parameters.map(({ name }) => name),
    ...kit.ports.map(({ name }) => portVariableOf(name)),
  ]);
  const problems: Problem[] = [];
  const walk = (value: unknown, path: readonly string[]): void => {
    if (typeof value === "string") {
      for (const { groups } of value.matchAll(variable)) {
        const name = groups?.["name"] ?? groups?.["bare"];
        if (name === undefined || known.has(name)) continue;
        problems.push({ rule: "compose/variable-unknown", path, reason: `kit.yaml has no parameter ${name}.` });
      }
    } else if (typeof value === "object" && value !== null) {
      for (const [key, member] of Object.entries(value)) walk(member, [...path, key]);
    }
  };
  walk(data, []);
  return problems;
};

const lintVolumes = (kit: Kit, data: unknown): readonly Problem[] => {
  const top = z.looseObject({ volumes: z.record(z.string(), z.unknown()).default({}) }).safeParse(data);
  const wanted = [...new Set(kit.volumes.map(({ name }) => name))];
  const there = top.success ? Object.keys(top.data.volumes) : [];
  if (top.success && isSame(wanted, there)) return [];
  const reason = `By kit.yaml the volumes are ${wanted.join(", ") || "none"}.`.slice(0, 300);
  const value = Object.fromEntries(wanted.map((name) => [name, {}]));
  return [
    { rule: "compose/volumes-differ", path: ["volumes"], reason, repair: [{ op: "add", path: "/volumes", value }] },
  ];
};

/** Checks the data of a compose file against its kit: the kit is right, repairs change the compose file. */
export const lintCompose = (kit: Kit, data: unknown): readonly Problem[] => {
  const parsed = Compose.safeParse(data);
  if (!parsed.success) {
    return parsed.error.issues.map(({ path, message }) => ({
      rule: "kit/schema",
      path: path.map(String),
      reason: message.slice(0, 300),
    }));
  }
  const { services } = parsed.data;
  const missing = kit.services.flatMap(({ name, image }): readonly Problem[] => {
    if (Object.hasOwn(services, name)) return [];
    const ports = kit.ports.filter(({ service }) => service === name).map(portText);
    const volumes = kit.volumes
      .filter(({ service }) => service === name)
      .map((volume) => `${volume.name}:${volume.path}`);
    const lists = { ...(ports.length > 0 ? { ports } : {}), ...(volumes.length > 0 ? { volumes } : {}) };
    const value = { image, restart: "unless-stopped", ...lists };
    const repair = [{ op: "add" as const, path: `/services/${name}`, value }];
    return [{ rule: "compose/service-missing", path: ["services"], reason: `The service ${name} is missing.`, repair }];
  });
  const there = Object.entries(services).flatMap(([name, service]): readonly Problem[] => {
    if (kit.services.some((declared) => declared.name === name)) return lintService(kit, name, service);
    const path = ["services", name];
    return [{ rule: "compose/service-unknown", path, reason: `kit.yaml has no service ${name.slice(0, 63)}.` }];
  });
  return [...missing, ...there, ...lintVolumes(kit, data), ...lintVariables(kit, data)];
};
