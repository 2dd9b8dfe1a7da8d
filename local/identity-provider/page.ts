import { createHash } from "node:crypto";

const style = `
:root{color-scheme:light dark;--ground:#f4f5f7;--card:#fff;--ink:#1b1f24;--soft:#57606a;--line:#8c959f;--accent:#0b57d0;--on:#fff;--bad:#b3261e;--bad-ground:#fdecea}
@media (prefers-color-scheme:dark){:root{--ground:#0f1216;--card:#191d23;--ink:#e8eaed;--soft:#a8b0ba;--line:#6b7480;--accent:#8ab4f8;--on:#0f1216;--bad:#f2b8b5;--bad-ground:#3b1d1c}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif;display:flex;justify-content:center;padding:2rem 1rem}
main{width:100%;max-width:56rem;display:grid;gap:1.5rem;grid-template-columns:repeat(auto-fit,minmax(min(20rem,100%),1fr));align-content:start}
section{background:var(--card);border-radius:.75rem;padding:1.5rem 1.75rem;box-shadow:0 1px 3px #0003;align-self:start}
section:only-child{max-width:28rem;width:100%;justify-self:center}
h1{font-size:1.5rem;line-height:1.2;margin:0 0 .25rem}h2{font-size:1.1rem;margin:0 0 .25rem}h3{font-size:.85rem;margin:1rem 0 .25rem;color:var(--soft)}
p{margin:.25rem 0 1rem;color:var(--soft)}label{display:block;font-weight:600;margin-top:1rem}
input{width:100%;font:inherit;color:inherit;background:transparent;border:1px solid var(--line);border-radius:.5rem;padding:.6rem .75rem;margin-top:.25rem}
input:focus-visible,button:focus-visible,a:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.error{color:var(--bad);background:var(--bad-ground);border-radius:.5rem;padding:.6rem .75rem;margin:1rem 0 0}
.actions{display:flex;gap:.75rem;margin-top:1.5rem}
button{font:inherit;font-weight:600;border-radius:.5rem;padding:.6rem 1.1rem;border:1px solid var(--accent);background:var(--accent);color:var(--on);cursor:pointer}
button.quiet{background:transparent;color:var(--accent)}
ul{list-style:none;margin:0;padding:0}li{display:flex;justify-content:space-between;align-items:baseline;gap:.75rem;padding:.3rem 0}
a{color:var(--accent);white-space:nowrap}small{display:block;color:var(--soft);overflow-wrap:anywhere}
`;

const styleHash = createHash("sha256").update(style).digest("base64");

/** Text for element content and for attributes in double quotes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** A whole document in the provider's one look. `body` is HTML; `title` is text. */
export const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body><main>${body}</main></body>
</html>`;

/** A page that says one thing, for errors and for the end of a session. */
export const messagePage = (title: string, message: string, action = ""): string =>
  page(title, `<section><h1>${escapeHtml(title)}</h1><p>${escapeHtml(message)}</p>${action}</section>`);

/**
 * No script but what the provider library hashes into `script-src` for its self-submitting form. `form-action` lists the
 * applications too, because browsers apply it to the redirects that follow a form.
 */
export const contentSecurityPolicy = (formTargets: readonly string[]): string =>
  [
    "default-src 'none'",
    "script-src",
    `style-src 'sha256-${styleHash}'`,
    `form-action ${["'self'", ...new Set(formTargets)].join(" ")}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
