import { createHmac, randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { z } from "zod";
import { claimsOf, mintToken } from "./people.ts";
import type { TokenRequest } from "./people.ts";
import { jsonOf, send } from "./http-call.ts";

const Keys = z.object({ keys: z.array(z.looseObject({ kid: z.string(), n: z.string() })).min(1) });
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const partsOf = (token: string): [header: string, payload: string, signature: string] => {
  const [header = "", payload = "", signature = ""] = token.split(".");
  return [header, payload, signature];
};
const decode = (part: string): Record<string, unknown> =>
  z.record(z.string(), z.unknown()).parse(JSON.parse(Buffer.from(part, "base64url").toString("utf8")));

/** What a forger has: the identity provider's address, and a good token of somebody. */
export interface Loot {
  readonly identityProvider: string;
  readonly good: string;
}

/** An access token that must not be accepted, by name. */
export interface BadToken {
  readonly name: string;
  readonly make: (loot: Loot) => Promise<string> | string;
}

const claims = claimsOf("org-forged");
const hourAgo = (): number => Math.floor(Date.now() / 1000) - 3600;

const minted = (name: string, request: () => Partial<TokenRequest>): BadToken => ({
  name,
  make: ({ identityProvider }) => mintToken(identityProvider, { email: "ben@acme.example", ...request() }),
});

const publicKey = async (identityProvider: string) => {
  const [key] = Keys.parse(jsonOf(await send(identityProvider, { path: "/oauth/v2/keys" }))).keys;
  if (key === undefined) throw new Error("The identity provider publishes no key.");
  return key;
};

/** The claims of a good token under the signature of a key of our own. */
const signedByUs = async (good: string, header: Readonly<Record<string, unknown>>): Promise<string> => {
  const { privateKey, publicKey: own } = await generateKeyPair("RS256");
  const { kid } = decode(partsOf(good)[0]);
  const jwk = await exportJWK(own);
  return new SignJWT(decode(partsOf(good)[1]))
    .setProtectedHeader({ alg: "RS256", kid: String(kid), ...("jwk" in header ? { ...header, jwk } : header) })
    .sign(privateKey);
};

const withHeader = (good: string, change: Readonly<Record<string, unknown>>): string => {
  const [header, payload, signature] = partsOf(good);
  return [encode({ ...decode(header), ...change }), payload, signature].join(".");
};

/** Tokens as attackers make them (RFC 8725 section 2; the rows JT-01, JT-03 and JT-05 of the security matrix). */
export const badTokens: readonly BadToken[] = [
  { name: "text that is no token", make: () => "not-a-token" },
  { name: "three parts of nothing", make: () => "e30.e30.e30" },
  { name: "9,000 characters", make: ({ good }) => `${good}${"A".repeat(9_000)}` },
  minted("expired an hour ago", () => ({ expiresInSeconds: -3600 })),
  minted("without an end", () => ({ claims: { exp: null } })),
  minted("with an end that is text", () => ({ claims: { exp: "tomorrow" } })),
  minted("not good before tomorrow", () => ({ claims: { nbf: Math.floor(Date.now() / 1000) + 86_400 } })),
  minted("for another audience", () => ({ audience: "300000000000000099" })),
  minted("without an audience", () => ({ claims: { aud: null } })),
  minted("by another issuer", () => ({ claims: { iss: "https://evil.example" } })),
  minted("without a subject", () => ({ claims: { sub: null } })),
  minted("with a subject that is a list", () => ({ claims: { sub: ["300000000000001001"] } })),
  minted("with a line break in the subject", () => ({ claims: { sub: "a\r\nX-Org-ID: 300000000000000001" } })),
  minted("with an organisation that is a list", () => ({
    claims: { "urn:zitadel:iam:user:resourceowner:id": ["300000000000000001"] },
  })),
  {
    name: "alg none",
    make: () => `${encode({ alg: "none", typ: "JWT" })}.${encode({ ...claims, exp: hourAgo() + 7200 })}.`,
  },
  { name: "alg none with a signature", make: ({ good }) => withHeader(good, { alg: "none" }) },
  {
    name: "HS256 under the public key",
    make: async ({ good, identityProvider }) => {
      const { kid, n } = await publicKey(identityProvider);
      const signed = `${encode({ alg: "HS256", kid, typ: "JWT" })}.${partsOf(good)[1]}`;
      return `${signed}.${createHmac("sha256", Buffer.from(n, "base64url")).update(signed).digest("base64url")}`;
    },
  },
  { name: "an unknown key id", make: ({ good }) => signedByUs(good, { kid: randomUUID() }) },
  { name: "a known key id, but another key", make: ({ good }) => signedByUs(good, {}) },
  { name: "a key of its own in the header", make: ({ good }) => signedByUs(good, { jwk: {} }) },
  { name: "a key address in the header", make: ({ good }) => signedByUs(good, { jku: "http://127.0.0.1:9/keys" }) },
  { name: "an unknown critical header", make: ({ good }) => withHeader(good, { crit: ["exp"] }) },
  {
    name: "a changed organisation",
    make: ({ good }) => {
      const [header, payload, signature] = partsOf(good);
      const forged = { ...decode(payload), "urn:zitadel:iam:user:resourceowner:id": "300000000000000001" };
      return [header, encode(forged), signature].join(".");
    },
  },
  { name: "no signature", make: ({ good }) => `${partsOf(good).slice(0, 2).join(".")}.` },
];
