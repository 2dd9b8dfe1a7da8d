import type { Server } from "node:http";
import { createServer } from "node:http";
import type { CryptoKey, JWK } from "jose";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { AccessTokenVerifier } from "../../gateway/access-token.ts";
import { joseAccessTokenVerifier } from "./access-token-verifier.ts";

const issuer = "https://id.example";
const audience = "project";
let server: Server;
let jwksUri: string;
let answer: { status: number; body: string };
let fetches: number;
let verifier: AccessTokenVerifier;
let privateKey: CryptoKey;
let published: JWK;

beforeAll(async () => {
  const pair = await generateKeyPair("RS256");
  privateKey = pair.privateKey;
  published = { ...(await exportJWK(pair.publicKey)), kid: "one", alg: "RS256", use: "sig" };
});

beforeEach(async () => {
  fetches = 0;
  answer = { status: 200, body: JSON.stringify({ keys: [published] }) };
  server = createServer((_request, response) => {
    fetches += 1;
    response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  jwksUri = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/keys`;
  verifier = joseAccessTokenVerifier({ issuer, audience, jwksUri });
});
const close = (): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
afterEach(close);

const token = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> =>
  new SignJWT({ sub: "person", ...claims })
    .setProtectedHeader({ alg: "RS256", kid: "one", ...header })
    .setIssuer(typeof claims["iss"] === "string" ? claims["iss"] : issuer)
    .setAudience(typeof claims["aud"] === "string" ? claims["aud"] : audience)
    .setExpirationTime(typeof claims["exp"] === "number" ? claims["exp"] : "1h")
    .sign(privateKey);

test("a valid token gives its claims, and 50 at once fetch the keys once", async () => {
  const valid = await token();
  const claims = await Promise.all(Array.from({ length: 50 }, () => verifier.verify(valid)));
  expect(claims.every(({ sub }) => sub === "person")).toBe(true);
  expect(fetches).toBe(1);
});

test.each([
  { what: "another issuer", make: () => token({ iss: "https://evil.example" }) },
  { what: "another audience", make: () => token({ aud: "somebody-else" }) },
  { what: "expired", make: () => token({ exp: Math.floor(Date.now() / 1000) - 60 }) },
  { what: "an unknown key", make: () => token({}, { kid: "two" }) },
  { what: "no key id", make: () => token({}, { kid: undefined }) },
  { what: "unsigned", make: () => Promise.resolve(new UnsecuredJWT({ sub: "x" }).encode()) },
  {
    what: "the public key as a shared secret",
    make: () =>
      new SignJWT({ sub: "x" })
        .setProtectedHeader({ alg: "HS256", kid: "one" })
        .sign(new TextEncoder().encode(JSON.stringify(published))),
  },
  { what: "no token at all", make: () => Promise.resolve("not.a.token") },
])("refused as unauthenticated: $what", async ({ make }) => {
  await expect(verifier.verify(await make())).rejects.toMatchObject({ code: "unauthenticated" });
});

test.each([
  { what: "an error", status: 503, body: "down" },
  { what: "a redirect", status: 302, body: "" },
  { what: "no JSON", status: 200, body: "<html>" },
  { what: "no key set", status: 200, body: '{"keys":5}' },
])("when the provider answers with $what, nobody is called unauthenticated", async ({ status, body }) => {
  answer = { status, body };
  await expect(verifier.verify(await token())).rejects.toMatchObject({ code: "identity-provider-unavailable" });
});

test("a provider that is gone is unavailable, and keys that are known keep working", async () => {
  const valid = await token();
  await verifier.verify(valid);
  await close();
  await expect(verifier.verify(valid)).resolves.toMatchObject({ sub: "person" });
  const stranger = joseAccessTokenVerifier({ issuer, audience, jwksUri });
  await expect(stranger.verify(valid)).rejects.toMatchObject({ code: "identity-provider-unavailable" });
});
