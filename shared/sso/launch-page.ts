import { createHash } from "node:crypto";
import type { Launch } from "./launch-stack.ts";

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0) ?? 0};`);

const submit = "document.forms[0].submit();";
const submitHash = createHash("sha256").update(submit).digest("base64");

/** A page that posts the launch token to the exchange by itself, or with one click where scripts are off. */
export const launchPage = ({ redirectUrl, token }: Launch): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Opening your Stack</title><meta name="viewport" content="width=device-width"></head>
<body>
<form method="post" action="${escape(redirectUrl)}">
<input type="hidden" name="token" value="${escape(token)}">
<noscript><button>Open your Stack</button></noscript>
</form>
<script>${submit}</script>
</body>
</html>
`;

/** The token is in the page: nothing may cache it, frame it, refer from it or post it elsewhere (RFC 9700, section 4). */
export const launchPageHeaders = ({ redirectUrl }: Launch): Record<string, string> => ({
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "content-security-policy": `default-src 'none'; script-src 'sha256-${submitHash}'; form-action ${new URL(redirectUrl).origin}; base-uri 'none'; frame-ancestors 'none'`,
});
