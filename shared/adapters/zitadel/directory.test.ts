import { generateKeyPairSync } from "node:crypto";
import type { ServerResponse } from "node:http";
import { createServer } from "node:http";
import { afterEach, expect, test } from "vitest";
import { makeCall } from "./call.ts";
import { zitadelDirectory } from "./directory.ts";

const { privateKey: key } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
const keyFile = JSON.stringify({ type: "serviceaccount", keyId: "k", userId: "u", key });
const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

type Answer = (response: ServerResponse, call: number) => void;
const json =
  (status: number, body: unknown): Answer =>
  (response) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

/** A server that gives tokens, and answers everything else as it is told to. */
const aServer = async (answer: Answer, secret: string | undefined = keyFile) => {
  const seen = { tokens: 0, calls: 0, authorizations: new Set<string | undefined>() };
  const server = createServer((request, response) => {
    request.resume();
    if (request.url === "/oauth/v2/token") {
      seen.tokens += 1;
      json(200, { access_token: `token-${seen.tokens}`, expires_in: 3600 })(response, 0);
      return;
    }
    seen.calls += 1;
    seen.authorizations.add(request.headers.authorization);
    answer(response, seen.calls);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  cleanUps.push(
    () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  );
  const call = makeCall({ issuer, random: Math.random, sleep: () => Promise.resolve(), timeoutMilliseconds: 150 });
  const secrets = { read: () => Promise.resolve(secret) };
  const directory = zitadelDirectory({ issuer, projectId: "p", secrets, call, now: () => new Date() });
  return { directory, seen };
};
const unavailable = { code: "identity-provider-unavailable" };

test.each<readonly [string, Answer]>([
  ["hangs", () => undefined],
  ["hangs up", (response) => response.destroy()],
  ["never ends its answer", (response) => response.write("{")],
  ["is broken", json(500, {})],
  ["is tired of us", json(429, {})],
  ["answers a page", (response) => response.end("<html>")],
  ["answers five megabytes", (response) => response.end(`"${"x".repeat(5_000_000)}"`)],
  ["leads elsewhere", (response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end()],
])("one that %s is asked three times and then found unavailable", async (_name, answer) => {
  const { directory, seen } = await aServer(answer);
  await expect(directory.user("1")).rejects.toMatchObject(unavailable);
  expect(seen.calls).toBe(3);
});

test.each<readonly [string, Answer]>([
  ["refuses us", json(403, { code: 7 })],
  ["answers another shape", json(200, { user: { state: "USER_STATE_ACTIVE" } })],
  ["answers a list", json(200, [])],
])("one that %s is no truth, and its words are not repeated", async (_name, answer) => {
  const { directory } = await aServer(answer);
  const failure: unknown = await directory.user("secret-sub").catch((error: unknown) => error);
  expect(failure).toMatchObject(unavailable);
  expect(String(failure)).not.toContain("secret-sub");
});

test("one attempt that fails costs nothing", async () => {
  const good = json(200, { user: { state: "USER_STATE_ACTIVE", details: { resourceOwner: "o" }, human: {} } });
  const { directory } = await aServer((response, call) => (call === 1 ? response.destroy() : good(response, call)));
  expect(await directory.user("1")).toMatchObject({ kind: "person", isActive: true, orgId: "o" });
});

test("a token is kept for many calls, and replaced once when it is refused before its time", async () => {
  const { directory, seen } = await aServer((response, call) => json(call === 3 ? 401 : 404, {})(response, call));
  for (let count = 0; count < 3; count += 1) expect(await directory.user("1")).toBeUndefined();
  expect([seen.tokens, [...seen.authorizations]]).toEqual([2, ["Bearer token-1", "Bearer token-2"]]);
});

test.each([undefined, "", "{}", "not JSON", JSON.stringify({ keyId: "k", userId: "u", key: "no PEM" })])(
  "a key file that is none (%s) is said to be missing, without its content",
  async (secret) => {
    const { directory, seen } = await aServer(json(200, {}), secret ?? "");
    const failure: unknown = await directory.user("1").catch((error: unknown) => error);
    expect(String(failure)).toContain("zitadel-machine-key");
    expect(String(failure)).not.toContain("no PEM");
    expect(seen.calls).toBe(0);
  },
);

const human = { profile: { displayName: "Ann A." }, email: { email: "ann@one.example" } };
test.each([
  ["USER_STATE_ACTIVE", true],
  ["USER_STATE_INITIAL", true],
  ["USER_STATE_INACTIVE", false],
  ["USER_STATE_LOCKED", false],
  ["USER_STATE_SOMETHING_NEW", false],
])("a user whose state is %s may come in: %s", async (state, isActive) => {
  const { directory } = await aServer(json(200, { user: { state, details: { resourceOwner: "o" }, human } }));
  expect(await directory.user("1")).toEqual({
    ...{ kind: "person", isActive, orgId: "o", email: "ann@one.example", name: "Ann A." },
  });
});

test("only grants that are in force count", async () => {
  const authorizations = [
    { id: "2", state: "STATE_ACTIVE", organization: { id: "o" }, roles: [{ key: "member" }, { key: "admin" }] },
    { id: "1", state: "STATE_INACTIVE", organization: { id: "o" }, roles: [{ key: "admin" }] },
  ];
  const { directory } = await aServer(json(200, { authorizations }));
  expect(await directory.grants("1")).toEqual([{ id: "2", orgId: "o", roles: ["admin", "member"] }]);
});

test("numbers of the log come as texts, and what is empty is left out", async () => {
  const creationDate = "2026-01-01T10:00:00.123456+01:00";
  const aggregate = { id: "1", type: { type: "user" }, resourceOwner: "o" };
  const { directory } = await aServer(
    json(200, { events: [{ aggregate, sequence: "7", creationDate, type: { type: "user.removed" } }] }),
  );
  expect(await directory.eventsFrom(null, 10)).toMatchObject([
    { aggregateId: "1", sequence: 7, type: "user.removed", createdAt: "2026-01-01T09:00:00.123Z", payload: undefined },
  ]);
  expect(await directory.wasRemoved("user", "1")).toBe(true);
});
