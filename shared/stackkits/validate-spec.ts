import { satisfies, validRange } from "semver";
import type { Plan } from "../tenants/plan.ts";
import { Plan as Plans, planLimits } from "../tenants/plan.ts";
import { checkParameters } from "./check-parameters.ts";
import type { Finding } from "./finding.ts";
import type { KitFacts, PortProtocol, StackFacts } from "./kit-facts.ts";
import type { Complaint, SpecText } from "./read-spec.ts";
import { readSpec } from "./read-spec.ts";

export interface Validation {
  /** No error was found. Says nothing of the plan: see `lacks`. */
  readonly isValid: boolean;
  readonly findings: readonly Finding[];
  /** What the tenant's plan does not give, in sentences; the spec itself may be valid nevertheless. */
  readonly lacks: readonly string[];
  /** The smallest plan that has all of it; null when the present one does, or when none does. */
  readonly requiredPlan: Plan | null;
}

const members = ["name", "version", "parameters", "ports"];
const nameMax = 63;
const portMax = 65_535;

const freeName = (id: string, taken: readonly string[]): string => {
  let name = id;
  for (let count = 2; taken.includes(name); count += 1) name = `${id}-${count}`;
  return name;
};

const checkName = (kit: KitFacts, stack: StackFacts, spec: SpecText): readonly Complaint[] => {
  const name = spec.value(["name"]);
  const repair = [{ op: "add" as const, path: "/name", value: freeName(kit.id, stack.deploymentNames) }];
  const path = ["name"];
  if (typeof name !== "string" || name.length > nameMax || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
    const reason = `A name of lower-case letters, digits and hyphens is needed, ${nameMax} characters at most.`;
    return [{ rule: "spec/name-invalid", path, reason, repair }];
  }
  if (!stack.deploymentNames.includes(name)) return [];
  return [{ rule: "spec/name-taken", path, reason: `The Stack has a deployment ${name} already.`, repair }];
};

const checkVersion = (kit: KitFacts, spec: SpecText): readonly Complaint[] => {
  const range = spec.value(["version"]);
  if (!spec.has(["version"])) return [];
  if (typeof range === "string" && validRange(range) !== null && satisfies(kit.version, range)) return [];
  const repair = [{ op: "replace" as const, path: "/version", value: kit.version }];
  const reason = `The version must be a semver range that holds ${kit.version}.`;
  return [{ rule: "spec/version-mismatch", path: ["version"], reason, repair }];
};

const isPort = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= portMax;

interface WantedPort {
  readonly name: string;
  readonly value: unknown;
  readonly protocol: PortProtocol;
}

const wantedPorts = (kit: KitFacts, spec: SpecText): readonly WantedPort[] =>
  kit.ports.map(({ name, number, protocol }) => ({
    ...{ name, protocol },
    value: spec.has(["ports", name]) ? spec.value(["ports", name]) : number,
  }));

const keyOf = (port: unknown, protocol: PortProtocol): string => `${String(port)}/${protocol}`;
const keysOf = (port: number, protocol: PortProtocol | undefined): readonly string[] =>
  protocol === undefined ? [keyOf(port, "tcp"), keyOf(port, "udp")] : [keyOf(port, protocol)];

/** A number is a port of its own for each protocol: DNS has 53 twice. */
const checkPorts = (kit: KitFacts, stack: StackFacts, spec: SpecText): readonly Complaint[] => {
  const keys = spec.keys(["ports"]);
  const wanted = wantedPorts(kit, spec);
  const owners = new Map(
    stack.takenPorts.flatMap(({ port, protocol, by }) => keysOf(port, protocol).map((key) => [key, by] as const)),
  );
  const used = new Set([...owners.keys(), ...wanted.map(({ value, protocol }) => keyOf(value, protocol))]);
  const complaints: Complaint[] = [];
  for (const { name, value, protocol } of wanted) {
    const owner = owners.get(keyOf(value, protocol));
    if (isPort(value) && owner === undefined) {
      owners.set(keyOf(value, protocol), `port ${name} of this spec`);
      continue;
    }
    let free = isPort(value) ? value : 1024;
    while (used.has(keyOf(free, protocol)) && free < portMax) free += 1;
    const parent = keys === undefined ? [{ op: "add" as const, path: "/ports", value: {} }] : [];
    const reason = isPort(value) ? `Port ${value} is taken by ${owner ?? ""}.` : `A port is 1 to ${portMax}.`;
    const rule = isPort(value) ? "spec/port-taken" : "spec/port-invalid";
    const offer = used.has(keyOf(free, protocol))
      ? {}
      : { repair: [...parent, { op: "add" as const, path: `/ports/${name}`, value: free }] };
    complaints.push({ rule, path: ["ports", name], reason, ...offer });
    used.add(keyOf(free, protocol));
  }
  return complaints;
};

const checkMembers = (kit: KitFacts, spec: SpecText): readonly Complaint[] => {
  const ports = kit.ports.map(({ name }) => name);
  const known = (path: readonly string[], names: readonly string[]) =>
    (spec.keys(path) ?? []).filter((key) => !names.includes(key)).map((key) => [...path, key]);
  const unknown = [...known([], members), ...known(["ports"], ports)].map((path): Complaint => {
    const pointer = path.map((part) => `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
    const reason = `There is no member ${pointer.slice(0, 100)}.`;
    return { rule: "spec/member-unknown", path, reason, repair: [{ op: "remove", path: pointer }], isOfKey: true };
  });
  const isOdd = spec.has(["ports"]) && spec.keys(["ports"]) === undefined;
  const repair = [{ op: "replace" as const, path: "/ports", value: {} }];
  return isOdd
    ? [...unknown, { rule: "spec/not-a-mapping", path: ["ports"], reason: "Ports are a mapping.", repair }]
    : unknown;
};

const checkStack = (kit: KitFacts, stack: StackFacts): readonly Complaint[] => {
  const complaints = kit.dependencies
    .filter(({ id, range }) => !stack.installed.some((there) => there.id === id && satisfies(there.version, range)))
    .map(({ id, range }): Complaint => {
      const reason = `The kit needs ${id} ${range}, which the Stack does not have. Install it first.`;
      return { rule: "spec/dependency-unmet", path: [], reason };
    });
  const broken = (stack.neededOfIt ?? [])
    .filter(({ range }) => !satisfies(kit.version, range))
    .map(({ by, range }): Complaint => {
      const reason = `${by} needs ${kit.id} ${range}, which ${kit.version} is not. Upgrade ${by} or uninstall it first.`;
      return { rule: "spec/version-needed", path: [], reason };
    });
  // A node that does not say what it has is not held against it.
  const fits = stack.nodes.some(
    ({ architecture, memoryMegabytes }) =>
      (architecture === undefined || kit.architectures.includes(architecture)) &&
      (memoryMegabytes === undefined || memoryMegabytes >= kit.memoryMegabytesMin),
  );
  if (stack.nodes.length === 0 || fits) return [...complaints, ...broken];
  const reason = `No node has ${kit.memoryMegabytesMin} MB of memory and one of: ${kit.architectures.join(", ")}.`;
  return [...complaints, ...broken, { rule: "spec/no-node-fits", path: [], reason }];
};

const planGap = (kit: KitFacts, stack: StackFacts): Pick<Validation, "lacks" | "requiredPlan"> => {
  const order = Plans.options;
  const services = stack.serviceCount + kit.services.length;
  const isEnough = (plan: Plan) =>
    order.indexOf(plan) >= order.indexOf(kit.minPlan) && services <= planLimits[plan].maxServices;
  const { maxServices } = planLimits[stack.plan];
  const lacks = [
    ...(order.indexOf(stack.plan) < order.indexOf(kit.minPlan) ? [`The kit needs the plan ${kit.minPlan}.`] : []),
    ...(services > maxServices ? [`It makes ${services} services; the plan ${stack.plan} has ${maxServices}.`] : []),
  ];
  return { lacks, requiredPlan: lacks.length === 0 ? null : (order.find(isEnough) ?? null) };
};

/** Checks a spec (YAML or JSON) for one version of a kit against the tenant's Stack and plan. Reads nothing else. */
export const validateSpec = (text: string, kit: KitFacts, stack: StackFacts): Validation => {
  const gap = planGap(kit, stack);
  const read = readSpec(text);
  if (read.kind === "unreadable") return { isValid: false, findings: read.findings, ...gap };
  const { spec } = read;
  const findings = [
    ...checkMembers(kit, spec),
    ...checkName(kit, stack, spec),
    ...checkVersion(kit, spec),
    ...checkParameters(kit.parameters, spec),
    ...checkPorts(kit, stack, spec),
    ...checkStack(kit, stack),
  ].map(spec.locate);
  return { isValid: findings.length === 0, findings, ...gap };
};
