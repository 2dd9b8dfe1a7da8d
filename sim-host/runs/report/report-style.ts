import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Html } from "../../../shared/kernel/html.ts";

/** The palette of the platform's pages, and no more than one page needs. */
const css = readFileSync(join(import.meta.dirname, "report.css"), "utf8");

/** Our own words, which may stand in a page as they are. */
export const styleElement = new Html([`<style>${css}</style>`], []);

const hash = createHash("sha256").update(css).digest("base64");

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
