import { z } from "zod";
import { parseInput } from "../../shared/gateway/parse-input.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { KitTrials } from "../../shared/stackkits/kit-trials.ts";
import { KitTrial } from "../../shared/stackkits/kit-trials.ts";
import { requirePlan } from "../../shared/stackkits/plan-gate.ts";
import type { PublishedKits } from "../../shared/stackkits/published-kits.ts";
import { trialRecipeOf } from "../../shared/stackkits/trial-recipe.ts";
import type { Tenant } from "../../shared/tenants/tenant.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import { readJson } from "../http/read-json.ts";
import type { RequireService } from "../http/require-service.ts";
import type { KitTenantDeps } from "./read-kit-tenant.ts";
import { readKitTenant } from "./read-kit-tenant.ts";

interface Deps {
  readonly publishedKits: PublishedKits;
  readonly kitTrials: KitTrials;
}

interface ServiceDeps extends Deps {
  readonly requireService: RequireService;
  readonly readTenant: (tenantId: string) => Promise<Tenant | undefined>;
}

interface RecipeDeps extends ServiceDeps {
  /** For secrets that a trial has to have and nobody gives. */
  readonly newSecret: () => string;
  readonly publicBaseUrl: string;
}

const TenantId = z.string().regex(/^[\w-]{1,64}$/, "must be the id of a tenant");
const Version = z.string().min(1).max(64);
const RecipeQuery = z.strictObject({ tenant: TenantId, version: Version.optional() });
const Report = z.strictObject({ tenantId: TenantId, version: Version, trial: KitTrial });

const requireTenant = async ({ readTenant }: ServiceDeps, tenantId: string): Promise<Tenant> => {
  const tenant = await readTenant(tenantId);
  if (tenant === undefined) throw new DomainError("tenant-not-found", "There is no tenant with this id.");
  return tenant;
};

/** `GET /api/internal/stackkits/{id}/recipe?tenant&version`: how a simulation host tries a kit, for a tenant whose plan has it. */
const getRecipeHttp = (deps: RecipeDeps): HttpFunction => ({
  name: "get-stackkit-recipe",
  method: "GET",
  route: "api/internal/stackkits/{id}/recipe",
  access: "service",
  handler: async (request) => {
    await deps.requireService(request);
    const { tenant, version } = parseInput(RecipeQuery, Object.fromEntries(request.query));
    const { plan } = await requireTenant(deps, tenant);
    const found = await deps.publishedKits.find(request.params["id"] ?? "", version);
    const opened = await deps.publishedKits.open(found);
    requirePlan(opened.kit.minPlan, plan, deps.publicBaseUrl);
    return json(200, trialRecipeOf(found, opened, deps.newSecret));
  },
});

/** `POST /api/internal/stackkits/{id}/trials`: what a trial came to; 204, also when it was said before. */
const keepTrialHttp = (deps: ServiceDeps): HttpFunction => ({
  name: "keep-stackkit-trial",
  method: "POST",
  route: "api/internal/stackkits/{id}/trials",
  access: "service",
  handler: async (request) => {
    await deps.requireService(request);
    const { tenantId, version, trial } = await readJson(request, Report);
    await requireTenant(deps, tenantId);
    const { kits } = await deps.publishedKits.index();
    const kit = kits.get(request.params["id"] ?? "");
    // A version that was withdrawn meanwhile was tried all the same.
    const known = kit?.versions.find((each) => each.version === version);
    if (kit === undefined || known === undefined) {
      throw new DomainError("kit-not-found", "There is no such version of a kit.");
    }
    if (known.sha256 !== trial.sha256)
      throw new DomainError("conflict", "Another archive than the published one was tried.");
    await deps.kitTrials.forTenant(tenantId).keep(kit.id, version, trial);
    return { status: 204 };
  },
});

/** `GET /v1/stackkits/{id}/trials?version`: `proof`, that the version passed a trial, and `own`, the tenant's newest one; or null. */
const listTrialsHttp = (deps: Deps & KitTenantDeps): HttpFunction => ({
  name: "list-stackkit-trials",
  method: "GET",
  route: "v1/stackkits/{id}/trials",
  access: "gateway",
  handler: async (request) => {
    const { tenant } = await readKitTenant(deps, request);
    const wanted = request.query.get("version") ?? undefined;
    const { kit, version } = await deps.publishedKits.find(request.params["id"] ?? "", wanted);
    const [proof, own] = await Promise.all([
      deps.kitTrials.proof(kit.id, version),
      deps.kitTrials.forTenant(tenant.tenantId).newest(kit.id, version),
    ]);
    return json(200, { version: version.version, proof: proof ?? null, own: own ?? null });
  },
});

/** The HTTP entries of trials: kits that are run in simulations, and what that proves. */
export const kitTrialFunctions = (deps: RecipeDeps & KitTenantDeps): readonly HttpFunction[] => [
  listTrialsHttp(deps),
  getRecipeHttp(deps),
  keepTrialHttp(deps),
];
