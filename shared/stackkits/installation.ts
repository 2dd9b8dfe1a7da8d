import { satisfies } from "semver";
import { z } from "zod";
import type { Plan } from "../tenants/plan.ts";
import type { StackFacts } from "./kit-facts.ts";
import type { StackRows } from "./kit-stack.ts";

const InstalledService = z.object({
  /** Id of the row in `services`. */
  id: z.string(),
  name: z.string(),
  image: z.string(),
  ports: z.array(z.object({ name: z.string(), number: z.int(), container: z.int(), protocol: z.string() })),
});

/** The member `spec` of a deployment that a kit was installed as. Values of secrets are never in it. */
export const Installation = z.object({
  name: z.string(),
  kit: z.string(),
  version: z.string(),
  /** `writing` until every row is there; one found so is completed by the next install of the same name. */
  state: z.enum(["writing", "written"]),
  /** A secret parameter is `{secret: <name in the collection secrets>}`. */
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.object({ secret: z.string() })])),
  ports: z.record(z.string(), z.int()),
  services: z.array(InstalledService),
  /** Rows to be taken away by an uninstall; during an upgrade also those of the version before. */
  serviceIds: z.array(z.string()),
  secretIds: z.array(z.string()),
  dependencies: z.array(z.object({ id: z.string(), range: z.string() })),
  compose: z.string(),
  requestedBy: z.string(),
  idempotency: z.object({ key: z.string(), request: z.string() }).nullable(),
});
export type Installation = z.infer<typeof Installation>;

export interface FoundInstallation {
  readonly id: string;
  readonly spec: Installation;
}

/** Deployments that kits were installed as; those made by hand are not ours. */
export const installationsOf = ({ deployments }: StackRows): readonly FoundInstallation[] =>
  deployments.flatMap(({ id, spec }) => {
    const parsed = Installation.safeParse(spec);
    return parsed.success ? [{ id, spec: parsed.data }] : [];
  });

const Protocol = z.enum(["tcp", "udp"]).optional().catch(undefined);
const Port = z.object({ number: z.int(), protocol: Protocol });
const Ports = z.array(z.union([z.int().transform((number) => ({ number, protocol: undefined })), Port]));
const Node = z.object({
  name: z.string(),
  architecture: z.enum(["amd64", "arm64", "armv7", "riscv64"]).optional().catch(undefined),
  memoryMegabytes: z.int().min(1).optional().catch(undefined),
});

const nodesOf = ({ nodes }: StackRows): StackFacts["nodes"] =>
  nodes.flatMap((row) => {
    const parsed = Node.safeParse(row);
    if (!parsed.success) return [];
    const { name, architecture, memoryMegabytes } = parsed.data;
    return [
      {
        name,
        ...(architecture === undefined ? {} : { architecture }),
        ...(memoryMegabytes === undefined ? {} : { memoryMegabytes }),
      },
    ];
  });

/** What others need of the kit that `own` is, as far as none of them is that kit in a version that will do. */
export const neededOf = (
  { spec: { kit } }: FoundInstallation,
  others: readonly FoundInstallation[],
): readonly { readonly by: string; readonly range: string }[] =>
  others.flatMap(({ spec: { name, dependencies } }) =>
    dependencies
      .filter(({ id, range }) => {
        const isMet = others.some(({ spec }) => spec.kit === id && satisfies(spec.version, range));
        return id === kit && !isMet;
      })
      .map(({ range }) => ({ by: name, range })),
  );

/** What the Stack has; what belongs to `except`, which is to be replaced, is not counted. */
export const stackFactsOf = (rows: StackRows, plan: Plan, except?: FoundInstallation): StackFacts => {
  const own = except?.spec.serviceIds ?? [];
  const services = rows.services.filter(({ id }) => !own.includes(id));
  const others = installationsOf(rows).filter(({ id }) => id !== except?.id);
  return {
    plan,
    serviceCount: services.length,
    deploymentNames: others.map(({ spec }) => spec.name),
    takenPorts: services.flatMap(({ name, ports }) => {
      const parsed = Ports.safeParse(ports);
      return parsed.success
        ? parsed.data.map(({ number, protocol }) => ({ port: number, protocol, by: String(name) }))
        : [];
    }),
    nodes: nodesOf(rows),
    installed: others.map(({ spec }) => ({ id: spec.kit, version: spec.version })),
    neededOfIt: except === undefined ? [] : neededOf(except, others),
  };
};
