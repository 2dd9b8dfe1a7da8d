import { z } from "zod";
import { parseInput } from "../../shared/gateway/parse-input.ts";
import type { TenantStore } from "../../shared/tenants/tenant-store.ts";
import { TenantStatus, tenantView } from "../../shared/tenants/tenant.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { ReadCaller } from "../http/read-caller.ts";

const Query = z.strictObject({
  status: TenantStatus.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  after: z.string().max(200).optional(),
});

interface Deps {
  readonly readOperator: ReadCaller;
  readonly tenants: Pick<TenantStore, "inOrder">;
}

/** `GET /api/admin/tenants?status&limit&after`: tenants in order of acceptance; `next` is the cursor of the next page. */
export const listTenantsHttp = ({ readOperator, tenants }: Deps): HttpFunction => ({
  name: "list-tenants",
  method: "GET",
  route: "api/admin/tenants",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const { status, limit, after } = parseInput(Query, Object.fromEntries(request.query.entries()));
    const page = await tenants.inOrder(status, limit, after);
    const next = page.length === limit ? page.at(-1)?.sortKey : undefined;
    return json(200, { tenants: page.map((tenant) => tenantView(tenant)), ...(next === undefined ? {} : { next }) });
  },
});
