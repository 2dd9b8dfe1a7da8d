import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JWK } from "jose";
import { calculateJwkThumbprint, decodeJwt, generateKeyPair, importJWK, SignJWT } from "jose";
import { z } from "zod";

const PrivateKey = z.object({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: z.string(),
  y: z.string(),
  d: z.string(),
});

/** The platform's own launch key, from its secrets: only with it can a token be made that is wrong in one thing only. */
const readLaunchKey = (dataDirectory: string): JWK => {
  const secrets = join(dataDirectory, "secrets");
  const name = readdirSync(secrets).find((each) => each.startsWith("launch-key-"));
  if (name === undefined) throw new Error("The platform has no launch key yet.");
  return PrivateKey.parse(JSON.parse(readFileSync(join(secrets, name), "utf8")));
};

export interface ForgedLaunch {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  /** Signed with a key of our own instead of the platform's. */
  readonly isForeignKey?: boolean;
}

/** A launch token like this good one, but changed. `null` takes a claim out. */
export const forgeLaunchToken = async (
  dataDirectory: string,
  good: string,
  { claims = {}, header = {}, isForeignKey = false }: ForgedLaunch,
): Promise<string> => {
  const jwk = readLaunchKey(dataDirectory);
  const kid = await calculateJwkThumbprint({ kty: "EC", crv: "P-256", x: jwk.x ?? "", y: jwk.y ?? "" });
  const key = isForeignKey ? (await generateKeyPair("ES256")).privateKey : await importJWK(jwk, "ES256");
  const payload = Object.entries({ ...decodeJwt(good), ...claims }).filter(([, value]) => value !== null);
  return new SignJWT(Object.fromEntries(payload))
    .setProtectedHeader({ alg: "ES256", typ: "launch+jwt", kid, ...header })
    .sign(key);
};

const now = (): number => Math.floor(Date.now() / 1000);
const at = (seconds: number, lifetime = 60) => ({
  iat: now() + seconds,
  nbf: now() + seconds,
  exp: now() + seconds + lifetime,
});

/** What makes a launch token worthless (JT-01 to JT-07), and the code that says so. */
export const badLaunches: readonly {
  readonly name: string;
  readonly code: string;
  readonly forge: () => ForgedLaunch;
}[] = [
  { name: "expired", code: "launch-token-expired", forge: () => ({ claims: at(-120) }) },
  { name: "issued in the future", code: "launch-token-invalid", forge: () => ({ claims: at(60) }) },
  { name: "valid for an hour", code: "launch-token-invalid", forge: () => ({ claims: at(0, 3600) }) },
  { name: "without an end", code: "launch-token-invalid", forge: () => ({ claims: { exp: null } }) },
  { name: "without a jti", code: "launch-token-invalid", forge: () => ({ claims: { jti: null } }) },
  { name: "with a short jti", code: "launch-token-invalid", forge: () => ({ claims: { jti: "1" } }) },
  {
    name: "for another instance",
    code: "launch-token-invalid",
    forge: () => ({ claims: { aud: "urn:kombify:stack:other" } }),
  },
  { name: "for many instances", code: "launch-token-invalid", forge: () => ({ claims: { aud: ["a", "b"] } }) },
  { name: "by another issuer", code: "launch-token-invalid", forge: () => ({ claims: { iss: "https://evil" } }) },
  { name: "for an unknown tenant", code: "launch-token-invalid", forge: () => ({ claims: { tid: "t0" } }) },
  { name: "for another organisation", code: "launch-token-invalid", forge: () => ({ claims: { org: "org-x" } }) },
  { name: "for an unknown person", code: "launch-token-invalid", forge: () => ({ claims: { sub: "nobody" } }) },
  { name: "of another type", code: "launch-token-invalid", forge: () => ({ header: { typ: "JWT" } }) },
  { name: "of an unknown key", code: "launch-token-invalid", forge: () => ({ header: { kid: "unknown" } }) },
  { name: "without a key id", code: "launch-token-invalid", forge: () => ({ header: { kid: undefined } }) },
  { name: "signed by somebody else", code: "launch-token-invalid", forge: () => ({ isForeignKey: true }) },
];
