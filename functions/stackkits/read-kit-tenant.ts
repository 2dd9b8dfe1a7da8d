import type { HttpRequest } from "@azure/functions";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { FindOwnTenant } from "../../shared/billing/ports.ts";
import type { Caller } from "../../shared/gateway/caller.ts";
import type { Tenant } from "../../shared/tenants/tenant.ts";
import { standingOf } from "../../shared/tenants/tenant.ts";
import type { ReadCaller } from "../http/read-caller.ts";

export interface KitTenantDeps {
  readonly readCaller: ReadCaller;
  readonly findTenant: FindOwnTenant;
}

/** Who asks, and their organisation's tenant as our own store has it: the plan is never taken from a header. */
export const readKitTenant = async (
  { readCaller, findTenant }: KitTenantDeps,
  request: HttpRequest,
): Promise<{ readonly caller: Caller; readonly tenant: Tenant }> => {
  const caller = await readCaller(request);
  const { tenant } = await findTenant(caller);
  if (standingOf(tenant) === "suspended") {
    throw new DomainError("tenant-suspended", "This tenant is suspended. Ask your organisation's administrator.");
  }
  return { caller, tenant };
};
