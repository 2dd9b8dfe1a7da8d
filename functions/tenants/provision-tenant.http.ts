import { z } from "zod";
import { DomainError } from "../../shared/kernel/errors.ts";
import { namespaceOf } from "../../shared/stack/namespace.ts";
import type { TenantSlug } from "../../shared/stack/slug.ts";
import { parseSlug } from "../../shared/stack/slug.ts";
import type { DescribeTenant } from "../../shared/tenants/find-tenant.ts";
import type { ProvisionTenant } from "../../shared/tenants/provision-tenant.ts";
import { tenantView } from "../../shared/tenants/tenant.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import { readIdempotencyKey } from "../http/idempotency-key.ts";
import { plainText } from "../http/plain-text.ts";
import type { ReadCaller } from "../http/read-caller.ts";
import { readJson } from "../http/read-json.ts";
import type { ScaleOutOf } from "../http/workflows.ts";

const nameLengthMax = 80;
const Body = z.strictObject({
  name: plainText(nameLengthMax, "The name must not be empty."),
  slug: z.string(),
});

interface Deps {
  readonly readCaller: ReadCaller;
  readonly provisionTenant: ProvisionTenant;
  readonly describeTenant: DescribeTenant;
  readonly scaleOutOf: ScaleOutOf;
}

const readSlug = (text: string): TenantSlug => {
  const parsed = parseSlug(text);
  if (parsed.kind === "slug") return parsed.slug;
  throw new DomainError("slug-invalid", parsed.reason, {
    facts: { errors: [{ pointer: "/slug", detail: parsed.reason }] },
  });
};

/** `POST /api/tenant`: 201 with the active tenant, or 202 with the place to watch. */
export const provisionTenantHttp = (deps: Deps): HttpFunction => ({
  name: "provision-tenant",
  method: "POST",
  route: "api/tenant",
  access: "gateway",
  startsWorkflows: true,
  handler: async (request, context) => {
    const caller = await deps.readCaller(request);
    const { name, slug: text } = await readJson(request, Body);
    const slug = readSlug(text);
    const idempotencyKey = readIdempotencyKey(request);
    const tenant = await deps.provisionTenant({
      caller,
      name,
      slug,
      namespace: namespaceOf(slug),
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      requestScaleOut: deps.scaleOutOf(context),
    });
    const { publicEndpoint } = await deps.describeTenant(tenant);
    const view = tenantView(tenant, publicEndpoint);
    return tenant.status === "active"
      ? json(201, view, { location: "/api/tenant" })
      : json(202, view, { location: view.operation, "retry-after": "2" });
  },
});
