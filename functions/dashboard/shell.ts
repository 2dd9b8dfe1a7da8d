import type { HttpResponseInit } from "@azure/functions";
import { formTokenField } from "./action-form.ts";
import type { Html } from "../../shared/kernel/html.ts";
import { html } from "../../shared/kernel/html.ts";
import type { PageAssets } from "./page-assets.ts";

/** Who looks at the page; absent on pages for people who are not signed in. */
export interface Visitor {
  readonly name: string;
  readonly formToken: string;
}

interface Shell {
  readonly title: string;
  readonly assets: PageAssets;
  readonly visitor?: Visitor | undefined;
  readonly content: Html;
  /** Beside those of every page. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const signOut = ({ name, formToken }: Visitor): Html =>
  html`<div class="row" id="account">
    <span class="person small">${name}</span>
    <form method="post" action="/admin/sign-out">
      ${formTokenField(formToken)}<button class="quiet compact">Sign out</button>
    </form>
  </div>`;

const pages = html`<nav class="pages row small" aria-label="Pages">
  <a href="/admin">Fleet</a>
  <a href="/admin/tools">Tools</a>
  <a href="/admin/flags">Flags</a>
</nav>`;

const document = ({ title, assets, visitor, content }: Shell): Html =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · kombify admin</title>
        <link rel="icon" type="image/svg+xml" href="/admin/${assets.icon}" />
        <link rel="stylesheet" href="/admin/${assets.style}" />
        <script type="module" src="/admin/${assets.script}"></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="bar">
          <a class="brand" href="/admin"><img src="/admin/${assets.icon}" alt="" />kombify admin</a>
          ${visitor !== undefined && pages} ${visitor !== undefined && signOut(visitor)}
        </header>
        <main id="main" tabindex="-1">${content}</main>
        <p id="status" role="status" class="visually-hidden"></p>
      </body>
    </html>`;

/** Nothing inline, no other origin; after signing out the form leads on to the identity provider. */
const headersOf = (issuer: string): Readonly<Record<string, string>> => ({
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    `form-action 'self' ${new URL(issuer).origin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
});

/** Writes whole pages, each with the headers that keep others out. */
export type WritePage = (status: number, page: Omit<Shell, "assets">) => Promise<HttpResponseInit>;

export const makeWritePage = (readAssets: () => Promise<PageAssets>, issuer: string): WritePage => {
  const headers = headersOf(issuer);
  return async (status, page) => ({
    status,
    headers: { ...headers, ...page.headers },
    body: document({ ...page, assets: await readAssets() }).toString(),
  });
};

/** Sends the browser to an address of ours or of the identity provider. */
export const redirect = (
  location: string,
  cookies: NonNullable<HttpResponseInit["cookies"]> = [],
): HttpResponseInit => ({
  status: 303,
  headers: { location, "cache-control": "no-store", "referrer-policy": "no-referrer" },
  cookies,
});
