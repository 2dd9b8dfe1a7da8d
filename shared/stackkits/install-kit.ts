import { createHash, createHmac } from "node:crypto";
import { DomainError } from "../kernel/errors.ts";
import type { Tenant } from "../tenants/tenant.ts";
import type { FoundInstallation, Installation } from "./installation.ts";
import { installationsOf, neededOf, stackFactsOf } from "./installation.ts";
import { kitFactsOf } from "./kit.ts";
import type { KitStack, StackRows } from "./kit-stack.ts";
import { planRequired } from "./plan-gate.ts";
import type { PublishedKit } from "./published-kit.ts";
import { readSpec } from "./read-spec.ts";
import type { Change, RenderedInstallation } from "./render-installation.ts";
import { changesBetween, renderInstallation, rowIdOf } from "./render-installation.ts";
import type { Validation } from "./validate-spec.ts";
import { validateSpec } from "./validate-spec.ts";

export interface InstallRequest {
  readonly tenant: Tenant;
  /** Zitadel subject of who asks. */
  readonly sub: string;
  readonly stack: KitStack;
  readonly kit: PublishedKit;
  readonly text: string;
  readonly idempotencyKey: string | undefined;
  readonly isDryRun: boolean;
  readonly publicBaseUrl: string;
}

export interface Installed {
  readonly outcome: "created" | "changed" | "unchanged" | "dry-run";
  readonly deploymentId: string;
  readonly name: string;
  readonly version: string;
  readonly changes: readonly Change[];
}

const ownOf = (rows: StackRows, text: string, kitId: string): FoundInstallation | undefined => {
  const read = readSpec(text);
  const name = read.kind === "read" ? read.spec.value(["name"]) : undefined;
  return installationsOf(rows).find(({ spec }) => spec.name === name && spec.kit === kitId);
};

/** Checks a spec against the Stack as it is; an installation of the same kit and name is to be replaced, not in the way. */
export const validateOnStack = (rows: StackRows, { kit }: PublishedKit, text: string, tenant: Tenant): Validation =>
  validateSpec(text, kitFactsOf(kit), stackFactsOf(rows, tenant.plan, ownOf(rows, text, kit.id)));

/** The request is hashed with the key, which nobody stores: a secret in the spec cannot be guessed from the hash. */
const idempotencyOf = ({ idempotencyKey, text, kit }: InstallRequest): Installation["idempotency"] =>
  idempotencyKey === undefined
    ? null
    : {
        key: createHash("sha256").update(idempotencyKey).digest("hex"),
        request: createHmac("sha256", idempotencyKey)
          .update(`${kit.kit.id}\n${kit.kit.version}\n${text}`)
          .digest("hex"),
      };

const refuseReuse = (rows: StackRows, asked: Installation["idempotency"]): void => {
  const isReused = installationsOf(rows).some(
    ({ spec }) => spec.idempotency?.key === asked?.key && spec.idempotency?.request !== asked?.request,
  );
  if (asked !== null && isReused) {
    throw new DomainError("idempotency-key-reused", "This Idempotency-Key came with another request before.");
  }
};

const requireValid = (validation: Validation, publicBaseUrl: string): void => {
  const { isValid, findings, lacks, requiredPlan } = validation;
  if (!isValid) {
    throw new DomainError("kit-spec-invalid", "The spec is not valid for this kit.", { facts: { findings } });
  }
  if (lacks.length > 0) throw planRequired(requiredPlan, lacks.join(" "), publicBaseUrl);
};

/**
 * Intent first, then the rows, then the intent's end: at whatever step it is killed, the deployment names every row
 * there may be, and the same request once more leads to the same rows (their ids are derived).
 */
const write = async (
  stack: KitStack,
  deploymentId: string,
  { spec, secrets }: RenderedInstallation,
  before: Installation | undefined,
): Promise<void> => {
  const put = (state: Installation["state"], old: Installation | undefined): Promise<void> =>
    stack.put("deployments", deploymentId, {
      ...{ kitId: spec.kit, kitVersion: spec.version, status: "pending" },
      spec: {
        ...spec,
        state,
        serviceIds: [...new Set([...spec.serviceIds, ...(old?.serviceIds ?? [])])],
        secretIds: [...new Set([...spec.secretIds, ...(old?.secretIds ?? [])])],
      },
    });
  await put("writing", before);
  for (const { id, name, value } of secrets) {
    await stack.put("secrets", id, { name, value, description: `Of the kit ${spec.kit}, installed as ${spec.name}.` });
  }
  for (const { id, name, image, ports } of spec.services) {
    await stack.put("services", id, { name, image, version: spec.version, ports, status: "pending" });
  }
  for (const id of before?.serviceIds ?? []) if (!spec.serviceIds.includes(id)) await stack.remove("services", id);
  for (const id of before?.secretIds ?? []) if (!spec.secretIds.includes(id)) await stack.remove("secrets", id);
  await put("written", undefined);
};

const render = ({ kit, tenant, text, sub: requestedBy }: InstallRequest): RenderedInstallation => {
  const read = readSpec(text);
  if (read.kind !== "read") throw new Error("A spec that was found valid cannot be read.");
  return renderInstallation(kit, { tenantId: tenant.tenantId, requestedBy, spec: read.spec });
};

/**
 * Writes a kit into the tenant's Stack, or brings an installation of the same name to this version and spec.
 * @throws DomainError `kit-spec-invalid` (with findings), `plan-required`, `idempotency-key-reused`, `stack-unavailable`
 */
export const installKit = async (request: InstallRequest): Promise<Installed> => {
  const { tenant, stack, kit, text } = request;
  const rows = await stack.read();
  const idempotency = idempotencyOf(request);
  refuseReuse(rows, idempotency);
  requireValid(validateOnStack(rows, kit, text, tenant), request.publicBaseUrl);
  const rendered = render(request);
  const before = ownOf(rows, text, kit.kit.id);
  const { name, version } = rendered.spec;
  const deploymentId = before?.id ?? rowIdOf("deployment", tenant.tenantId, name);
  const changes = changesBetween(before?.spec, rendered.spec);
  const answer = { deploymentId, name, version, changes };
  if (request.isDryRun) return { ...answer, outcome: "dry-run" };
  const isThere = before?.spec.state === "written" && changes.length === 0;
  // A secret may have changed without showing: it is never kept where it could be compared.
  if (isThere && rendered.secrets.length === 0) return { ...answer, outcome: "unchanged" };
  await write(stack, deploymentId, { ...rendered, spec: { ...rendered.spec, idempotency } }, before?.spec);
  if (before === undefined) return { ...answer, outcome: "created" };
  return { ...answer, outcome: isThere ? "unchanged" : "changed" };
};

/** Takes an installation out of the Stack; one that is gone is fine. @throws DomainError `conflict` while others need it */
export const uninstallKit = async (stack: KitStack, kitId: string, name: string): Promise<void> => {
  const installations = installationsOf(await stack.read());
  const own = installations.find(({ spec }) => spec.kit === kitId && spec.name === name);
  if (own === undefined) return;
  const others = installations.filter(({ id }) => id !== own.id);
  const [needing] = neededOf(own, others);
  if (needing !== undefined) throw new DomainError("conflict", `${needing.by} needs it. Uninstall that first.`);
  for (const id of own.spec.serviceIds) await stack.remove("services", id);
  for (const id of own.spec.secretIds) await stack.remove("secrets", id);
  await stack.remove("deployments", own.id);
};
