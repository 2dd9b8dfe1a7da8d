import { createHash } from "node:crypto";
import { Html } from "../../../shared/kernel/html.ts";
import { reportCss } from "./report-css.ts";

/** Our own words, which may stand in a page as they are. */
export const styleElement = new Html([`<style>${reportCss}</style>`], []);

const hash = createHash("sha256").update(reportCss).digest("base64");

/** Nothing but this page's own style: no script, no other origin, no form, no frame of others. */
const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;

/** For the page itself: also when somebody keeps it as a file. */
export const metaPolicy = policy;

export const reportHeaders: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `${policy}; frame-ancestors 'self'; sandbox`,
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};
