import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { z } from "zod";
import { parseInput } from "../../shared/gateway/parse-input.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { ExchangedSession, ExchangeToken } from "../../shared/sso/exchange-token.ts";
import { tenantView } from "../../shared/tenants/tenant.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import { readJson, readText } from "../http/read-json.ts";

const tokenLengthMax = 4096;
const Body = z.strictObject({ token: z.string().min(1).max(tokenLengthMax) });

/** Seconds the browser keeps the session; the token inside ends earlier or is renewed by the Stack's page. */
const cookieSeconds = 8 * 60 * 60;

interface Deps {
  readonly exchangeToken: ExchangeToken;
  /** The origin from which browsers launch: a form posted by another site would sign a victim in as somebody else. */
  readonly publicOrigin: string;
}

const isForm = (request: HttpRequest): boolean =>
  (request.headers.get("content-type") ?? "").toLowerCase().startsWith("application/x-www-form-urlencoded");

/** A launch page has no referrer, for which browsers send the origin `null` on the form's post. */
const refuseForeignForm = (request: HttpRequest, publicOrigin: string): void => {
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  const isOwn = site === null ? origin === null || origin === publicOrigin : site === "same-origin";
  if (isOwn || (origin === publicOrigin && site !== "cross-site")) return;
  throw new DomainError("launch-origin-refused", "A Stack can only be opened from the platform's own pages.");
};

/** PocketBase's own cookie form, which its SDK reads on the Stack's page; therefore not HttpOnly. */
const sessionCookie = ({ token, record, publicEndpoint }: ExchangedSession): string => {
  const { protocol, pathname } = new URL(publicEndpoint);
  const value = encodeURIComponent(JSON.stringify({ token, record }));
  const path = pathname.endsWith("/") ? pathname : `${pathname}/`;
  const secure = protocol === "https:" ? "; Secure" : "";
  return `pb_auth=${value}; Path=${path}; Max-Age=${cookieSeconds}; SameSite=Strict${secure}`;
};

const enterStack = (session: ExchangedSession): HttpResponseInit => ({
  status: 303,
  headers: {
    location: `${session.publicEndpoint}/`,
    "set-cookie": sessionCookie(session),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
  },
});

/** `POST /api/internal/sso/exchange` (C6): JSON for services, a form for browsers, which land in the Stack. */
export const exchangeTokenHttp = ({ exchangeToken, publicOrigin }: Deps): HttpFunction => ({
  name: "exchange-token",
  method: "POST",
  route: "api/internal/sso/exchange",
  access: "gateway",
  handler: async (request) => {
    if (isForm(request)) {
      refuseForeignForm(request, publicOrigin);
      const fields = Object.fromEntries(new URLSearchParams(await readText(request)));
      return enterStack(await exchangeToken(parseInput(Body, fields).token));
    }
    const { token, record, tenant, publicEndpoint } = await exchangeToken((await readJson(request, Body)).token);
    return json(200, { token, record, tenant: tenantView(tenant, publicEndpoint) });
  },
});
