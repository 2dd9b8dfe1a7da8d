import type { HttpRequest } from "@azure/functions";
import { DomainError } from "../../shared/kernel/errors.ts";
import { installKit, uninstallKit, validateOnStack } from "../../shared/stackkits/install-kit.ts";
import type { TakeTurn } from "../../shared/stackkits/change-turns.ts";
import { installedKits } from "../../shared/stackkits/installed-kits.ts";
import type { KitStack } from "../../shared/stackkits/kit-stack.ts";
import { planDependencies } from "../../shared/stackkits/plan-dependencies.ts";
import { requirePlan } from "../../shared/stackkits/plan-gate.ts";
import type { PublishedKits } from "../../shared/stackkits/published-kits.ts";
import type { Tenant } from "../../shared/tenants/tenant.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import { readIdempotencyKey } from "../http/idempotency-key.ts";
import { readText } from "../http/read-json.ts";
import type { KitTenantDeps } from "./read-kit-tenant.ts";
import { readKitTenant } from "./read-kit-tenant.ts";

interface Deps extends KitTenantDeps {
  readonly publishedKits: PublishedKits;
  /** @throws DomainError `tenant-not-active` */
  readonly kitStackOf: (tenant: Tenant) => Promise<KitStack>;
  readonly takeTurn: TakeTurn;
  readonly publicBaseUrl: string;
}

const specBytesMax = 1024 * 1024;

const readKit = async ({ publishedKits }: Deps, request: HttpRequest) => {
  const wanted = request.query.get("version") ?? undefined;
  return publishedKits.open(await publishedKits.find(request.params["id"] ?? "", wanted));
};

const readDryRun = (request: HttpRequest): boolean => {
  const given = request.query.get("dryRun") ?? "false";
  if (given !== "true" && given !== "false") throw new DomainError("invalid-input", "dryRun is true or false.");
  return given === "true";
};

/**
 * `POST /v1/stackkits/{id}/validate?version` with a spec (YAML or JSON, 1 MB at most): 200 `{isValid, findings, lacks,
 * requiredPlan, dependencies: {install, conflicts}}`, also for a spec that is wrong; nothing is written (contract C7).
 */
export const validateKitHttp = (deps: Deps): HttpFunction => ({
  name: "validate-stackkit",
  method: "POST",
  route: "v1/stackkits/{id}/validate",
  access: "gateway",
  handler: async (request) => {
    const { tenant } = await readKitTenant(deps, request);
    const kit = await readKit(deps, request);
    const text = await readText(request, specBytesMax);
    const stack = await deps.kitStackOf(tenant);
    const rows = await stack.read();
    const dependencies = await planDependencies(kit.kit, rows, deps.publishedKits);
    return json(200, { ...validateOnStack(rows, kit, text, tenant), dependencies });
  },
});

/**
 * `POST /v1/stackkits/{id}/install?version&dryRun` with a spec (`Idempotency-Key`): 201 or 200 `{outcome, deploymentId,
 * name, version, changes}`. The same name again upgrades; `dryRun=true` writes nothing (contract C7).
 */
export const installKitHttp = (deps: Deps): HttpFunction => ({
  name: "install-stackkit",
  method: "POST",
  route: "v1/stackkits/{id}/install",
  access: "gateway",
  handler: async (request) => {
    const { caller, tenant } = await readKitTenant(deps, request);
    const idempotencyKey = readIdempotencyKey(request);
    const isDryRun = readDryRun(request);
    const kit = await readKit(deps, request);
    const { publicBaseUrl } = deps;
    requirePlan(kit.kit.minPlan, tenant.plan, publicBaseUrl);
    const text = await readText(request, specBytesMax);
    const stack = await deps.kitStackOf(tenant);
    const given = { tenant, sub: caller.sub, stack, kit, text, idempotencyKey, isDryRun, publicBaseUrl };
    const installed = await (isDryRun ? installKit(given) : deps.takeTurn(tenant.tenantId, () => installKit(given)));
    return json(installed.outcome === "created" ? 201 : 200, installed);
  },
});

/** `GET /v1/stackkits/{id}/install`: 200 `{installations: [{name, version, spec}]}` of this kit in the tenant's Stack. */
export const listInstallationsHttp = (deps: Deps): HttpFunction => ({
  name: "list-stackkit-installations",
  method: "GET",
  route: "v1/stackkits/{id}/install",
  access: "gateway",
  handler: async (request) => {
    const { tenant } = await readKitTenant(deps, request);
    const stack = await deps.kitStackOf(tenant);
    return json(200, { installations: installedKits(await stack.read(), request.params["id"] ?? "") });
  },
});

/** `DELETE /v1/stackkits/{id}/install/{name}`: 204, also when it is gone already; 409 while others need it. */
export const uninstallKitHttp = (deps: Deps): HttpFunction => ({
  name: "uninstall-stackkit",
  method: "DELETE",
  route: "v1/stackkits/{id}/install/{name}",
  access: "gateway",
  handler: async (request) => {
    const { tenant } = await readKitTenant(deps, request);
    const stack = await deps.kitStackOf(tenant);
    const { id = "", name = "" } = request.params;
    await deps.takeTurn(tenant.tenantId, () => uninstallKit(stack, id, name));
    return { status: 204, headers: { "cache-control": "no-store" } };
  },
});
