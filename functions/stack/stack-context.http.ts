import { DomainError } from "../../shared/kernel/errors.ts";
import { baseNames, collectionName } from "../../shared/stack/namespace.ts";
import { resolveTenantSlug } from "../../shared/stack/resolve-tenant-slug.ts";
import type { ResolveTenant } from "../../shared/tenants/resolve-tenant.ts";
import { tenantView } from "../../shared/tenants/tenant.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { ReadCaller } from "../http/read-caller.ts";

interface Deps {
  readonly readCaller: ReadCaller;
  readonly resolveTenant: ResolveTenant;
  /** Domain below which every tenant has a host of its own. */
  readonly stackDomain: string;
}

/**
 * `GET /api/stack/context`: the tenant that the host or `X-Tenant-Slug` names, with its collections. 404 for an unknown
 * or foreign one, 403 while it is suspended (founding document, Task 1.1).
 */
export const stackContextHttp = ({ readCaller, resolveTenant, stackDomain }: Deps): HttpFunction => ({
  name: "stack-context",
  method: "GET",
  route: "api/stack/context",
  access: "gateway",
  handler: async (request) => {
    const caller = await readCaller(request);
    const wanted = resolveTenantSlug({
      tenantSlugHeader: request.headers.get("x-tenant-slug") ?? undefined,
      host: request.headers.get("x-forwarded-host") ?? request.headers.get("host") ?? undefined,
      stackDomain,
    });
    if (wanted.kind === "absent") {
      throw new DomainError("invalid-input", `Name the tenant: send X-Tenant-Slug, or use <slug>.${stackDomain}.`);
    }
    if (wanted.kind === "refused") throw new DomainError("tenant-not-found", "There is no such tenant.");
    const { tenant, publicEndpoint } = await resolveTenant(caller, wanted.slug);
    const collections = baseNames.map((base) => [base, collectionName(base, tenant.namespace)] as const);
    return json(200, { tenant: tenantView(tenant, publicEndpoint), collections: Object.fromEntries(collections) });
  },
});
