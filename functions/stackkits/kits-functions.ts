import type { HttpFunction } from "../http/http-function.ts";
import { downloadKitHttp } from "./download-kit.http.ts";
import { getKitHttp, kitKeysHttp, kitSchemaHttp } from "./get-kit.http.ts";
import { installKitHttp, listInstallationsHttp, uninstallKitHttp, validateKitHttp } from "./kit-specs.http.ts";
import type { KitServices } from "./kits-services.ts";
import { listKitsHttp } from "./list-kits.http.ts";
import type { KitTenantDeps } from "./read-kit-tenant.ts";

/** The HTTP entries of StackKits (contract C7). */
export const kitsFunctions = (
  deps: KitServices & KitTenantDeps & { readonly publicBaseUrl: string },
): readonly HttpFunction[] => [
  listKitsHttp(deps),
  getKitHttp(deps),
  kitSchemaHttp(),
  kitKeysHttp(deps),
  downloadKitHttp(deps),
  validateKitHttp(deps),
  installKitHttp(deps),
  listInstallationsHttp(deps),
  uninstallKitHttp(deps),
];
