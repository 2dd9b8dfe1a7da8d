import { DomainError } from "../../shared/kernel/errors.ts";
import { assetCacheControl, isKnownToCaller, makeReadBuiltFile } from "../http/built-files.ts";
import type { HttpFunction } from "../http/http-function.ts";

/** `GET /admin/assets/{path}`: script, style and icon of the dashboard, as the build listed them. */
export const dashboardAssetsHttp = (directory: string): HttpFunction => {
  const readBuiltFile = makeReadBuiltFile(directory);
  return {
    name: "dashboard-assets",
    method: "GET",
    route: "dashboard/assets/{*path}",
    access: "gateway",
    handler: async (request) => {
      const file = await readBuiltFile(`assets/${request.params["path"] ?? ""}`);
      if (file === undefined) throw new DomainError("not-found", "There is no such file.");
      const headers = {
        "cache-control": assetCacheControl,
        etag: file.etag,
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
      };
      if (isKnownToCaller(request, file.etag)) return { status: 304, headers };
      return { status: 200, headers: { ...headers, "content-type": file.contentType }, body: file.contents };
    },
  };
};
