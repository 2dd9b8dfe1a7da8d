import type { ChangeAccess } from "../../shared/tenants/change-access.ts";
import { tenantView } from "../../shared/tenants/tenant.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { ReadCaller } from "../http/read-caller.ts";

interface Deps {
  readonly readOperator: ReadCaller;
  readonly changeAccess: ChangeAccess;
}

const changeAccessHttp = (verb: "suspend" | "resume", { readOperator, changeAccess }: Deps): HttpFunction => ({
  name: `${verb}-tenant`,
  method: "POST",
  route: `api/admin/tenants/{tenantId}/${verb}`,
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const tenantId = request.params["tenantId"] ?? "";
    return json(200, tenantView(await changeAccess(tenantId, verb === "suspend" ? "suspended" : "active")));
  },
});

/** `POST /api/admin/tenants/{tenantId}/suspend`: refuses the tenant's people everywhere and ends their sessions. */
export const suspendTenantHttp = (deps: Deps): HttpFunction => changeAccessHttp("suspend", deps);

/** `POST /api/admin/tenants/{tenantId}/resume` */
export const resumeTenantHttp = (deps: Deps): HttpFunction => changeAccessHttp("resume", deps);
