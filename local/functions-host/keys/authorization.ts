import type { IncomingMessage } from "node:http";
import type { HttpAccess } from "../http/http-functions.ts";
import type { HttpRoute } from "../http/route-table.ts";
import { type Grant, type KeyRing, presentedKey } from "./key-ring.ts";

/** Who may call what. Source: azure-functions-host Security/Authorization/AuthUtility.cs. */
export interface Authorization {
  readonly forFunction: (request: IncomingMessage, search: string, route: HttpRoute) => HttpAccess;
  readonly isAdmin: (request: IncomingMessage, search: string) => boolean;
  /** Master key, or the extension's own system key. */
  readonly mayCallExtension: (request: IncomingMessage, search: string, systemKeyName: string) => boolean;
}

const isAdminGrant = (grant: Grant): boolean => grant.level === "admin";

const opensFunction = (grant: Grant, functionName: string): boolean =>
  grant.level === "function" &&
  (grant.functionName === undefined || grant.functionName.toLowerCase() === functionName.toLowerCase());

/** Checks keys as in Azure. */
export const keyAuthorization = (ring: KeyRing): Authorization => {
  const grantsOf = (request: IncomingMessage, search: string): readonly Grant[] =>
    ring.grantsOf(presentedKey(request.headers, search));
  return {
    forFunction: (request, search, { authLevel, registered }) => {
      const grants = grantsOf(request, search);
      if (grants.some(isAdminGrant)) return "admin";
      if (authLevel === "anonymous") return "granted";
      if (authLevel === "admin") return "refused";
      return grants.some((grant) => opensFunction(grant, registered.name)) ? "granted" : "refused";
    },
    isAdmin: (request, search) => grantsOf(request, search).some(isAdminGrant),
    mayCallExtension: (request, search, systemKeyName) =>
      grantsOf(request, search).some(
        (grant) => isAdminGrant(grant) || (grant.level === "system" && grant.keyName === systemKeyName),
      ),
  };
};

/** Takes every caller for the administrator, as plain `func start` does. */
export const openAuthorization: Authorization = {
  forFunction: () => "admin",
  isAdmin: () => true,
  mayCallExtension: () => true,
};
