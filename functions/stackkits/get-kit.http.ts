import { createHash } from "node:crypto";
import type { JWK } from "jose";
import { gt, lte } from "semver";
import { DomainError } from "../../shared/kernel/errors.ts";
import { kitJsonSchema } from "../../shared/stackkits/kit.ts";
import type { PublishedKits } from "../../shared/stackkits/published-kits.ts";
import { requiredPlanOf } from "../../shared/stackkits/plan-gate.ts";
import { isKnownToCaller } from "../http/built-files.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { KitTenantDeps } from "./read-kit-tenant.ts";
import { readKitTenant } from "./read-kit-tenant.ts";

/**
 * `GET /v1/stackkits/{id}?version&from`: the kit (the newest version, or the named one) with all its versions, README,
 * changelog, images and signature (detached JWS over the archive); with `from`, also what changed since that version. ETag and 304 (contract C7).
 */
export const getKitHttp = (deps: KitTenantDeps & { readonly publishedKits: PublishedKits }): HttpFunction => ({
  name: "get-stackkit",
  method: "GET",
  route: "v1/stackkits/{id}",
  access: "gateway",
  handler: async (request) => {
    const { tenant } = await readKitTenant(deps, request);
    const from = request.query.get("from");
    const wanted = request.query.get("version") ?? undefined;
    const found = await deps.publishedKits.find(request.params["id"] ?? "", wanted);
    const { kit, version } = found;
    if (from !== null && !kit.versions.some((each) => each.version === from)) {
      throw new DomainError("kit-not-found", "The kit has no such version to compare with.");
    }
    const { kit: definition, readme, images, icon, signature } = await deps.publishedKits.open(found);
    const known = kit.versions.map(({ version: name, publishedAt, yankedAt, sizeBytes, sha256 }) => ({
      ...{ version: name, publishedAt, yankedAt, sizeBytes, sha256 },
    }));
    const changes =
      from === null
        ? undefined
        : definition.changelog.filter((entry) => gt(entry.version, from) && lte(entry.version, version.version));
    const body = {
      ...definition,
      requiredPlan: requiredPlanOf(definition.minPlan, tenant.plan),
      ...{ versions: known, readme, icon, images, signature },
      ...(changes === undefined ? {} : { changes }),
    };
    const etag = `"${createHash("sha256").update(JSON.stringify(body)).digest("base64url")}"`;
    const headers = { etag, "cache-control": "private, no-cache" };
    return isKnownToCaller(request, etag) ? { status: 304, headers } : json(200, body, headers);
  },
});

/** `GET /schemas/stackkit/v1.json`: the JSON Schema of kit.yaml, at its `$id`. */
export const kitSchemaHttp = (): HttpFunction => {
  const body = JSON.stringify(kitJsonSchema());
  const etag = `"${createHash("sha256").update(body).digest("base64url")}"`;
  const headers = { etag, "cache-control": "public, max-age=3600", "access-control-allow-origin": "*" };
  return {
    name: "get-stackkit-schema",
    method: "GET",
    route: "schemas/stackkit/v1.json",
    access: "gateway",
    handler: (request) =>
      Promise.resolve(
        isKnownToCaller(request, etag)
          ? { status: 304, headers }
          : { status: 200, headers: { ...headers, "content-type": "application/schema+json" }, body },
      ),
  };
};

/** `GET /.well-known/stackkit-keys.json`: the public keys whose signatures count, as a JWK set (RFC 7517). */
export const kitKeysHttp = ({ kitKeys }: { readonly kitKeys: readonly JWK[] }): HttpFunction => ({
  name: "get-stackkit-keys",
  method: "GET",
  route: ".well-known/stackkit-keys.json",
  access: "gateway",
  handler: () =>
    Promise.resolve({
      status: 200,
      headers: { "content-type": "application/jwk-set+json", "cache-control": "public, max-age=300" },
      body: JSON.stringify({ keys: kitKeys }),
    }),
});
