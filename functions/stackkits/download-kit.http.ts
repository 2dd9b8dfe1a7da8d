import { DomainError } from "../../shared/kernel/errors.ts";
import type { Clock } from "../../shared/kernel/clock.ts";
import type { DownloadCounts } from "../../shared/stackkits/download-counts.ts";
import { planDownload } from "../../shared/stackkits/plan-download.ts";
import { requirePlan } from "../../shared/stackkits/plan-gate.ts";
import type { PublishedKits } from "../../shared/stackkits/published-kits.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { toProblem } from "../http/problem.ts";
import type { KitTenantDeps } from "./read-kit-tenant.ts";
import { readKitTenant } from "./read-kit-tenant.ts";

interface Deps extends KitTenantDeps {
  readonly publishedKits: PublishedKits;
  readonly downloadCounts: DownloadCounts;
  readonly publicBaseUrl: string;
  readonly clock: Clock;
}

/**
 * `GET /v1/stackkits/{id}/download?version`: the archive. ETag/304, Range/206/416, If-Range, Repr-Digest; 403
 * `plan-required` with `requiredPlan` and `upgradeUrl`, 410 for a yanked version (contract C7).
 */
export const downloadKitHttp = (deps: Deps): HttpFunction => ({
  name: "download-stackkit",
  method: "GET",
  route: "v1/stackkits/{id}/download",
  access: "gateway",
  handler: async (request) => {
    const { tenant } = await readKitTenant(deps, request);
    const wanted = request.query.get("version") ?? undefined;
    const found = await deps.publishedKits.find(request.params["id"] ?? "", wanted);
    const { kit: definition } = await deps.publishedKits.open(found);
    const { kit, version } = found;
    requirePlan(definition.minPlan, tenant.plan, deps.publicBaseUrl);
    const { sizeBytes, sha256 } = version;
    const { status, headers, read } = planDownload(
      { fileName: `${kit.id}-${version.version}.tar.gz`, sizeBytes, sha256 },
      {
        range: request.headers.get("range"),
        ifRange: request.headers.get("if-range"),
        ifNoneMatch: request.headers.get("if-none-match"),
      },
    );
    if (status === 416) {
      const beyond = new DomainError("range-not-satisfiable", `The archive has ${sizeBytes} bytes. Ask for less.`);
      const { body } = toProblem(beyond, request.headers.get("x-request-id")?.slice(0, 100));
      return { status, headers: { ...headers, "content-type": "application/problem+json" }, body };
    }
    if (read === undefined) return { status, headers };
    const body = await deps.publishedKits.stream(found, read);
    if (read.start === 0)
      await deps.downloadCounts.forTenant(tenant.tenantId).add(kit.id, version.version, deps.clock());
    return { status, headers, body };
  },
});
