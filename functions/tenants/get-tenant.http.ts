import type { FindTenant } from "../../shared/tenants/find-tenant.ts";
import { tenantView } from "../../shared/tenants/tenant.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { ReadCaller } from "../http/read-caller.ts";

interface Deps {
  readonly readCaller: ReadCaller;
  readonly findTenant: FindTenant;
}

/** `GET /api/tenant`: the tenant of the caller's organisation. */
export const getTenantHttp = ({ readCaller, findTenant }: Deps): HttpFunction => ({
  name: "get-tenant",
  method: "GET",
  route: "api/tenant",
  access: "gateway",
  handler: async (request) => {
    const { tenant, publicEndpoint } = await findTenant(await readCaller(request));
    return json(200, tenantView(tenant, publicEndpoint));
  },
});
