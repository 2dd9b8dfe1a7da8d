import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { TestApi } from "../../tests/support/sim-api.ts";
import { buildApi, gatewayKey, json, runningId, signedBy, yaml } from "../../tests/support/sim-api.ts";

let api: TestApi;
beforeEach(() => {
  api = buildApi(undefined, [
    (app) => {
      app.get("/v1/simulations/breaks", () => Promise.reject(new Error("password=hunter2")));
    },
  ]);
});
afterEach(() => api.app.close());

const list = { method: "GET", url: "/v1/simulations" } as const;

describe("who is let in", () => {
  test("somebody with a token that came through the gateway", async () => {
    const answer = await api.app.inject({ ...list, headers: signedBy("ada") });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
  });

  test.each([
    { what: "nothing at all", headers: {} },
    { what: "a token past the gateway", headers: { authorization: "Bearer ada" } },
    { what: "a wrong key", headers: signedBy("ada", { "x-kombify-gateway-key": `${gatewayKey}x` }) },
    { what: "an empty key", headers: signedBy("ada", { "x-kombify-gateway-key": "" }) },
    { what: "no token", headers: { "x-kombify-gateway-key": gatewayKey } },
    { what: "a bad token", headers: signedBy("mallory") },
    { what: "a token that never expires", headers: signedBy("timeless") },
    { what: "an identity that is not the token's", headers: signedBy("ada", { "x-user-id": "gil" }) },
    { what: "an organisation that is not the token's", headers: signedBy("ada", { "x-org-id": "globex" }) },
  ])("not somebody with $what", async ({ headers }) => {
    const answer = await api.app.inject({ ...list, headers });
    expect(answer).toMatchObject({ statusCode: 401 });
    expect(answer.json()).toMatchObject({ code: "unauthenticated", status: 401, title: "Not signed in" });
    expect(answer.body).not.toContain(gatewayKey);
  });

  test.each([
    { token: "eve", status: 404, code: "tenant-not-found" },
    { token: "ada", status: 403, code: "tenant-suspended" },
  ] as const)("and nobody whose tenant cannot be used: $code", async ({ token, status, code }) => {
    if (token === "ada") api.refusals.set("acme", new DomainError(code, "No."));
    const answer = await api.app.inject({ ...list, headers: signedBy(token) });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ code });
  });

  test("both keys are good while the gateway's key is changed", async () => {
    const { app } = buildApi(() => ({ gatewayKeys: ["new-key-of-the-gateway", gatewayKey] }));
    for (const key of ["new-key-of-the-gateway", gatewayKey]) {
      const headers = signedBy("ada", { "x-kombify-gateway-key": key });
      expect(await app.inject({ ...list, headers })).toMatchObject({ statusCode: 200 });
    }
  });

  test("everybody may read the schema of a topology, through the gateway only", async () => {
    const schema = { method: "GET", url: "/schemas/simulation/v1.json" } as const;
    expect((await api.app.inject(schema)).statusCode).toBe(401);
    const answer = await api.app.inject({ ...schema, headers: { "x-kombify-gateway-key": gatewayKey } });
    expect(answer.json()).toMatchObject({ title: "Simulation" });
    const known = { "x-kombify-gateway-key": gatewayKey, "if-none-match": String(answer.headers.etag) };
    expect((await api.app.inject({ ...schema, headers: known })).statusCode).toBe(304);
  });
});

describe("what is not understood", () => {
  const megabyte = "#".repeat(1024 * 1024);
  const form = { "content-type": "application/x-www-form-urlencoded" };
  test.each([
    { what: "a path of nothing", method: "GET", url: "/v1/nothing", status: 404, code: "not-found" },
    { what: "a method of nothing", method: "PATCH", url: "/v1/simulations", status: 404, code: "not-found" },
    { what: "a path that cannot be decoded", method: "GET", url: "/v1/simulations/%zz", status: 400 },
    { what: "a parameter twice", method: "GET", url: "/v1/simulations?limit=1&limit=2", status: 400 },
    { what: "a parameter twice, once encoded", method: "GET", url: "/v1/simulations?limit=1&lim%69t=2", status: 400 },
    { what: "a parameter that nobody reads twice", method: "GET", url: "/v1/simulations/images?a=1&a=2", status: 400 },
    { what: "a parameter of nothing", method: "GET", url: "/v1/simulations?tenant=globex", status: 400 },
    { what: "a limit of none", method: "GET", url: "/v1/simulations?limit=0", status: 400 },
    { what: "a body too large", body: `${megabyte}#`, headers: yaml, status: 413, code: "too-large" },
    {
      what: "a body of another type",
      body: "<a/>",
      headers: { "content-type": "text/xml" },
      status: 415,
      code: "content-type-unsupported",
    },
    { what: "a form", body: "a=b", headers: form, status: 415, code: "content-type-unsupported" },
    { what: "no body and no type", status: 415, code: "content-type-unsupported" },
    { what: "bytes that are no text", body: Buffer.from([0xff, 0xfe]), headers: yaml, status: 400 },
  ])("is a problem: $what", async ({ status, code = "invalid-input", headers = {}, ...request }) => {
    const method = request.method === "GET" || request.method === "PATCH" ? request.method : "POST";
    const { url = "/v1/simulations", body } = request;
    const sent = { method, url, headers: signedBy("ada", headers), ...(body === undefined ? {} : { body }) } as const;
    const answer = await api.app.inject(sent);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(answer.json()).toMatchObject({ status, code });
    expect(answer.statusCode).toBe(status);
    expect(answer.body.length).toBeLessThan(1000);
  });

  test.each([
    { what: "no JSON", body: "{minutes:" },
    { what: "empty", body: "" },
    { what: "a number in words", body: '{"minutes":"10"}' },
    { what: "a member more", body: '{"minutes":10,"tenantId":"tenant-globex"}' },
    { what: "a prototype", body: '{"minutes":10,"__proto__":{"isAdmin":true}}' },
    { what: "10,000 arrays deep", body: `${"[".repeat(10_000)}${"]".repeat(10_000)}` },
  ])("is a problem: JSON that is $what", async ({ body }) => {
    const url = `/v1/simulations/${await runningId(api)}/extend`;
    const answer = await api.app.inject({ method: "POST", url, headers: signedBy("ada", json), body });
    expect(answer.json()).toMatchObject({ status: 400, code: "invalid-input" });
  });
});

describe("a failure of our own", () => {
  test("says nothing of itself, and is logged under the id of the request", async () => {
    const headers = signedBy("ada", { "x-request-id": "request-of-a-test" });
    const answer = await api.app.inject({ method: "GET", url: "/v1/simulations/breaks", headers });
    expect(answer.json()).toMatchObject({ status: 500, code: "internal", requestId: "request-of-a-test" });
    expect(answer.body).not.toContain("hunter2");
    expect(api.logged).toHaveLength(1);
    expect(api.logged[0]).toContain("hunter2");
    expect(api.logged[0]).toContain("request-of-a-test");
    expect(api.logged[0]).not.toContain(gatewayKey);
  });

  test("an id of a request that may not stand in a log is replaced by our own", async () => {
    const answer = await api.app.inject({ ...list, headers: { "x-request-id": "a\u001b[31m" } });
    expect(answer.json()).toMatchObject({ requestId: expect.stringMatching(/^request-\d+$/) as unknown });
  });
});

describe("on a real socket", () => {
  const send = async (bytes: string): Promise<string> => {
    const { port } = new URL(await api.app.listen({ host: "127.0.0.1", port: 0 }));
    const socket = connect(Number(port), "127.0.0.1");
    socket.write(bytes);
    return text(socket);
  };
  const head = `GET /v1/simulations HTTP/1.1\r\nhost: sim\r\nconnection: close\r\nx-kombify-gateway-key: ${gatewayKey}\r\n`;

  test.each([
    { what: "two tokens", bytes: `${head}authorization: Bearer ada\r\nauthorization: Bearer gil\r\n\r\n` },
    { what: "two keys", bytes: `${head}x-kombify-gateway-key: ${gatewayKey}\r\nauthorization: Bearer ada\r\n\r\n` },
    { what: "two identities", bytes: `${head}authorization: Bearer ada\r\nx-user-id: ada\r\nx-user-id: ada\r\n\r\n` },
    { what: "two lengths", bytes: `${head}content-length: 1\r\ncontent-length: 2\r\n\r\n` },
    { what: "a length and a coding", bytes: `${head}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n` },
    { what: "garbage", bytes: "\x16\x03\x01\x02\r\n\r\n" },
    { what: "more headers than fit", bytes: `${head}x-long: ${"a".repeat(20_000)}\r\n\r\n` },
  ])("$what are refused", async ({ bytes }) => {
    expect(await send(bytes)).toMatch(/^HTTP\/1\.1 400 /);
  });

  test("headers that never end are cut", async () => {
    api.app.server.headersTimeout = 50;
    api.app.server.requestTimeout = 50;
    expect(await send(head)).toMatch(/^HTTP\/1\.1 408 /);
  });

  test("the bounds that keep slow clients from filling the host are set", () => {
    const { headersTimeout, requestTimeout, timeout, keepAliveTimeout, maxConnections } = api.app.server;
    const seconds = [headersTimeout, requestTimeout, timeout, keepAliveTimeout].map((each) => each / 1000);
    expect([...seconds, maxConnections]).toEqual([10, 30, 120, 75, 2000]);
  });
});
