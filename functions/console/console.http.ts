import { join } from "node:path";
import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { DomainError } from "../../shared/kernel/errors.ts";
import { assetCacheControl, isKnownToCaller, makeReadBuiltFile } from "../http/built-files.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";

interface Deps {
  /** `dist/web/console`, made by `scripts/build-web.ts`; the pages of StackKits and simulations lie beside it. */
  readonly assetsDirectory: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly operatorOrgId: string;
}

/** Without `resourceowner` Zitadel does not say which organisation the person belongs to. */
const scopes = [
  "openid",
  "profile",
  "email",
  "urn:zitadel:iam:user:resourceowner",
  "urn:zitadel:iam:org:projects:roles",
];

/** No script, style or frame but ours; nothing is sent anywhere but here and, for signing in, to the issuer. */
const contentSecurityPolicy = (issuer: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${new URL(issuer).origin}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");

const securityHeaders = (issuer: string): Readonly<Record<string, string>> => ({
  "content-security-policy": contentSecurityPolicy(issuer),
  // The callback's address holds an authorization code: no request that the page makes may name it.
  "referrer-policy": "strict-origin",
  "x-content-type-options": "nosniff",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
});

/** The page itself is asked for again each time. */
const cacheControlOf = (path: string): string => (path.startsWith("assets/") ? assetCacheControl : "no-cache");

/**
 * The console page: `GET /`, `GET /callback` (where people come back to after signing in), `GET /console/config.json`
 * and the page's assets below `/console/`; the page of StackKits at `/kits` and `/kits/<id>`, that of simulations likewise.
 */
export const consoleHttp = ({ assetsDirectory, issuer, clientId, operatorOrgId }: Deps): readonly HttpFunction[] => {
  const readConsole = makeReadBuiltFile(assetsDirectory);
  const commonHeaders = securityHeaders(issuer);
  const serve = async (request: HttpRequest, path: string, read = readConsole): Promise<HttpResponseInit> => {
    const file = await read(path);
    if (file === undefined) throw new DomainError("not-found", "There is no such page.");
    const headers = { ...commonHeaders, "cache-control": cacheControlOf(path), etag: file.etag };
    if (isKnownToCaller(request, file.etag)) return { status: 304, headers };
    return { status: 200, headers: { ...headers, "content-type": file.contentType }, body: file.contents };
  };
  const page = (name: string, route: string): HttpFunction => ({
    name,
    method: "GET",
    route,
    access: "gateway",
    handler: (request) => serve(request, "index.html"),
  });
  /** A page with addresses of its own below one path: what is no asset is the page. */
  const section = (name: string, directory: string): HttpFunction => {
    const read = makeReadBuiltFile(join(assetsDirectory, "..", directory));
    return {
      name,
      method: "GET",
      route: `${directory}/{*path}`,
      access: "gateway",
      handler: (request) => {
        const path = request.params["path"] ?? "";
        return serve(request, path.startsWith("assets/") ? path : "index.html", read);
      },
    };
  };
  return [
    // The Functions host takes an empty route for none and uses the function's name; this template matches `/` only
    // (Azure/Azure-Functions issue 2473).
    page("console-home", "{ignored:maxlength(0)?}"),
    page("console-callback", "callback"),
    {
      name: "console-files",
      method: "GET",
      route: "console/{*path}",
      access: "gateway",
      handler: async (request) => {
        const path = request.params["path"] ?? "";
        if (path === "config.json") return json(200, { issuer, clientId, scopes, operatorOrgId });
        return serve(request, path === "" ? "index.html" : path);
      },
    },
    section("kits-page", "kits"),
    section("simulations-page", "simulations"),
  ];
};
