import type { RpcHttpCookie } from "../core/rpc.ts";

const sameSiteText = { none: undefined, lax: "lax", strict: "strict", explicitNone: "none" } as const;

/** Like .NET's Uri.EscapeDataString, which the real host applies to every cookie value. */
const escapeData = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

const isToken = (text: string): boolean => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text);

const attributeText = (name: string, value: string): string => {
  if (/[;\r\n\0]/.test(value)) throw new Error(`A cookie's ${name} contains a character that is not allowed.`);
  return `${name}=${value}`;
};

const protections = (cookie: RpcHttpCookie): readonly string[] => {
  const sameSite = sameSiteText[cookie.sameSite ?? "none"];
  return [
    ...(cookie.secure?.value === true ? ["secure"] : []),
    ...(sameSite === undefined ? [] : [`samesite=${sameSite}`]),
    ...(cookie.httpOnly?.value === true ? ["httponly"] : []),
  ];
};

/**
 * One Set-Cookie header, in the order and spelling of ASP.NET Core (ResponseCookies.cs, SetCookieHeaderValue.cs): the
 * value is percent-encoded and the path is `/` unless the app says otherwise.
 * @throws for a name or attribute that would break out of the header
 */
export const toSetCookie = (cookie: RpcHttpCookie): string => {
  if (!isToken(cookie.name)) throw new Error("A cookie's name contains a character that is not allowed.");
  const parts = [`${cookie.name}=${escapeData(cookie.value)}`];
  if (cookie.expires) parts.push(`expires=${new Date(cookie.expires.value.seconds * 1000).toUTCString()}`);
  if (cookie.maxAge) parts.push(`max-age=${Math.trunc(cookie.maxAge.value)}`);
  if (cookie.domain) parts.push(attributeText("domain", cookie.domain.value));
  parts.push(attributeText("path", cookie.path?.value ?? "/"));
  return [...parts, ...protections(cookie)].join("; ");
};
