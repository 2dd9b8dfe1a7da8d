import { createHash } from "node:crypto";
import { z } from "zod";
import { parseInput } from "../../shared/gateway/parse-input.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import { Category } from "../../shared/stackkits/kit.ts";
import { listKits } from "../../shared/stackkits/list-kits.ts";
import type { PublishedKits } from "../../shared/stackkits/published-kits.ts";
import { Plan } from "../../shared/tenants/plan.ts";
import { isKnownToCaller } from "../http/built-files.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { KitTenantDeps } from "./read-kit-tenant.ts";
import { readKitTenant } from "./read-kit-tenant.ts";

const Query = z.strictObject({
  q: z.string().max(200).default(""),
  category: Category.optional(),
  plan: Plan.optional(),
  sort: z.enum(["name", "newest"]).default("name"),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(400).optional(),
});
const Cursor = z.tuple([z.string(), z.string()]);

const cursorOf = (key: readonly [string, string]): string => Buffer.from(JSON.stringify(key)).toString("base64url");

const readCursor = (text: string): readonly [string, string] => {
  try {
    return Cursor.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
  } catch (cause) {
    throw new DomainError("invalid-input", "The cursor is none that this list gave out.", { cause });
  }
};

/**
 * `GET /v1/stackkits?q&category&plan&sort&limit&cursor`: `{kits, facets, total, next}`; `next` is the cursor of the next
 * page or null. Kits that the tenant's plan is too small for are listed with `requiredPlan`. ETag and 304 (contract C7).
 */
export const listKitsHttp = (deps: KitTenantDeps & { readonly publishedKits: PublishedKits }): HttpFunction => ({
  name: "list-stackkits",
  method: "GET",
  route: "v1/stackkits",
  access: "gateway",
  handler: async (request) => {
    const { tenant } = await readKitTenant(deps, request);
    const query = parseInput(Query, Object.fromEntries(request.query));
    const { etag: indexTag, kits } = await deps.publishedKits.index();
    const { q: text, category, plan: minPlan, sort, limit, cursor } = query;
    const seen = JSON.stringify([indexTag, tenant.plan, query]);
    const etag = `"${createHash("sha256").update(seen).digest("base64url")}"`;
    const headers = { etag, "cache-control": "private, no-cache" };
    if (isKnownToCaller(request, etag)) return { status: 304, headers };
    const after = cursor === undefined ? undefined : readCursor(cursor);
    const found = listKits(kits.values(), { text, category, minPlan, sort, limit, after }, tenant.plan);
    return json(200, { ...found, next: found.next === null ? null : cursorOf(found.next) }, headers);
  },
});
