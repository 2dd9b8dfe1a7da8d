import { generateKeyPairSync } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { KeysUnavailable, makeJwksCache } from "./jwks-cache.ts";

const jwk = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ format: "jwk" });
const keySet = (...kids: string[]) => JSON.stringify({ keys: kids.map((kid) => ({ ...jwk, kid, use: "sig" })) });
const hour = 3_600_000;

describe("the cache of an issuer's keys", () => {
  let answer: RequestListener = () => undefined;
  let fetches = 0;
  let now = 0;
  let server: Server;
  let uri = "";
  beforeAll(async () => {
    server = createServer((request, response) => {
      fetches += 1;
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    uri = `http://127.0.0.1:${address instanceof Object ? address.port : 0}/keys`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    fetches = 0;
    now = 1_000_000;
    publish("k1");
  });
  const publish = (...kids: string[]) => {
    answer = (_, response) => response.end(keySet(...kids));
  };
  const fail = () => {
    answer = (_, response) => response.writeHead(503).end();
  };
  const newCache = () => makeJwksCache(uri, () => now);

  it("fetches once for many cold requests", async () => {
    const find = newCache();
    const keys = await Promise.all(Array.from({ length: 50 }, () => find("k1")));
    expect(keys.every((key) => key !== undefined)).toBe(true);
    expect(fetches).toBe(1);
  });

  it("finds a new key at once, then asks no more than every 10 seconds", async () => {
    const find = newCache();
    await find("k1");
    publish("k1", "k2");
    expect(await find("k2")).toBeDefined();
    expect(await find("nobody")).toBeUndefined();
    expect(fetches).toBe(2);
    now += 10_000;
    expect(await find("nobody")).toBeUndefined();
    expect(fetches).toBe(3);
  });

  it("serves the last good keys for 24 hours while the issuer is down, and not longer", async () => {
    const find = newCache();
    await find("k1");
    fail();
    now += 23 * hour;
    expect(await find("k1")).toBeDefined();
    now += 2 * hour;
    await expect(find("k1")).rejects.toThrow(KeysUnavailable);
  });

  it("forgets a withdrawn key after the refresh that follows 5 minutes", async () => {
    const find = newCache();
    await find("k1");
    publish("k2");
    now += 301_000;
    await find("k1");
    await expect.poll(() => find("k1")).toBeUndefined();
  });

  it("recovers by itself when the issuer is back", async () => {
    const find = newCache();
    fail();
    await expect(find("k1")).rejects.toThrow(KeysUnavailable);
    publish("k1");
    await expect(find("k1")).rejects.toThrow(KeysUnavailable);
    now += 1000;
    expect(await find("k1")).toBeDefined();
    expect(fetches).toBe(2);
  });

  it.each<[string, RequestListener]>([
    ["an error status", (_, response) => response.writeHead(500).end()],
    ["a redirect", (_, response) => response.writeHead(302, { location: "/elsewhere" }).end()],
    ["no JSON", (_, response) => response.end("<html>")],
    ["no key set", (_, response) => response.end("[]")],
    [
      "no usable key",
      (_, response) =>
        response.end(JSON.stringify({ keys: [{ kty: "EC", kid: "k1" }, { ...jwk, kid: "k1", use: "enc" }, jwk] })),
    ],
    ["ten megabytes", (_, response) => response.end(Buffer.alloc(10_000_000, 32))],
    ["a broken connection", (_, response) => response.destroy()],
  ])("takes %s for an outage, not for a refusal", async (_, broken) => {
    answer = broken;
    await expect(newCache()("k1")).rejects.toThrow(KeysUnavailable);
  });
});
