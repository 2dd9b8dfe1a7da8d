import { createServer, type RequestListener, type Server } from "node:http";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { startGateway, type GatewayOptions } from "./gateway.ts";

const kongConfigFile = new URL("../../kong/kong.yml", import.meta.url).pathname;
/** Nobody listens there; unlike some low ports, `fetch` does try it. */
const closedUrl = "http://127.0.0.1:2";
const vault = {
  KOMBIFY_FUNCTIONS_KEY: "k",
  KOMBIFY_ISSUER: "https://id.example",
  KOMBIFY_AUDIENCE: "a",
  KOMBIFY_JWKS_URI: `${closedUrl}/keys`,
  KOMBIFY_STACK_ZONE: "stacks.internal",
  KOMBIFY_SIM_HOST_KEY: "s",
};

describe("the local gateway and what is behind it", () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  const close = (server: Server) =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  const serve = async (answer: RequestListener) => {
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => (server.listening ? close(server) : Promise.resolve()));
    const address = server.address();
    return { server, url: `http://127.0.0.1:${address instanceof Object ? address.port : 0}` };
  };
  const start = async (options: Partial<GatewayOptions> = {}) => {
    const gateway = await startGateway({
      port: 0,
      kongConfigFile,
      serviceUrls: { functions: closedUrl },
      vault,
      ...options,
    });
    cleanups.push(gateway.stop);
    return gateway.url;
  };
  const problem = async (url: string, init?: RequestInit) => {
    const response = await fetch(url, init);
    const body: unknown = await response.json();
    return { status: response.status, type: response.headers.get("content-type"), body };
  };

  it("says 502 when the functions are down", async () => {
    const url = await start();
    expect(await problem(`${url}/health`)).toMatchObject({
      status: 502,
      type: "application/problem+json",
      body: { code: "upstream-unavailable" },
    });
  });

  it("says 503, not 401, when it never saw the issuer's keys", async () => {
    const url = await start();
    const token = `${Buffer.from('{"alg":"RS256","kid":"k"}').toString("base64url")}.e30.c2ln`;
    const answer = await problem(`${url}/api/tenant`, { headers: { authorization: `Bearer ${token}` } });
    expect(answer).toMatchObject({ status: 503, body: { code: "identity-provider-unavailable" } });
  });

  it.each([404, 401, 503])("puts words to an upstream's empty %i", async (status) => {
    const silent = await serve((_, response) => response.writeHead(status, { "content-length": 0 }).end());
    const url = await start({ serviceUrls: { functions: silent.url } });
    const response = await fetch(`${url}/health`);
    expect(response.status).toBe(status);
    expect(response.headers.get("retry-after")).toBe(status === 503 ? "5" : null);
    expect(await response.json()).toMatchObject({ status, requestId: response.headers.get("x-request-id") });
  });

  it.each([
    ["two lengths", "GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400],
    [
      "a length and chunks",
      "POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      400,
    ],
    ["a folded header", "GET /health HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n", 400],
    ["no HTTP at all", "hello\r\n\r\n", 400],
    ["headers of 70 kB", `GET /health HTTP/1.1\r\nHost: a\r\nX-A: ${"b".repeat(70_000)}\r\n\r\n`, 431],
  ])("answers %s with a problem document that arrives", async (_what, bytes, status) => {
    const url = new URL(await start());
    const socket = connect(Number(url.port), url.hostname);
    socket.end(bytes);
    const answer = await text(socket);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain("Content-Type: application/problem+json");
    expect(JSON.parse(answer.split("\r\n\r\n")[1] ?? "")).toMatchObject({ status });
  });

  it("replaces a request id that may not stand in logs", async () => {
    const url = await start();
    const ask = async (id: string) =>
      (await fetch(`${url}/health`, { headers: { "x-request-id": id } })).headers.get("x-request-id");
    expect(await ask("client-1")).toBe("client-1");
    expect(await ask("x".repeat(101))).toMatch(/^[0-9a-f-]{36}$/);
    expect(await ask("two words")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("says 504 when the functions take longer than the service's read_timeout", async () => {
    const folder = await mkdtemp(join(tmpdir(), "kombify-gateway-"));
    cleanups.push(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, "kong.yml");
    await writeFile(file, (await readFile(kongConfigFile, "utf8")).replace("read_timeout: 60000", "read_timeout: 100"));
    const silent = await serve(() => undefined);
    const url = await start({ kongConfigFile: file, serviceUrls: { functions: silent.url } });
    expect(await problem(`${url}/health`)).toMatchObject({ status: 504, body: { code: "upstream-timeout" } });
  });

  it("cuts the answer off when the functions die in the middle of it", async () => {
    const dying = await serve((_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half", () => response.destroy());
    });
    const url = await start({ serviceUrls: { functions: dying.url } });
    await expect(fetch(`${url}/health`).then((response) => response.text())).rejects.toThrow();
  });

  it("ends the upstream request when the client goes away", async () => {
    let isEnded = false;
    let isAsked = false;
    const silent = await serve((_, response) => {
      isAsked = true;
      response.once("close", () => (isEnded = true));
    });
    const url = await start({ serviceUrls: { functions: silent.url } });
    const abort = new AbortController();
    const answer = fetch(`${url}/health`, { signal: abort.signal });
    await expect.poll(() => isAsked).toBe(true);
    abort.abort();
    await expect(answer).rejects.toThrow();
    await expect.poll(() => isEnded).toBe(true);
  });

  it("finds a Stack that moved to another port, and says 404 for one that is unknown", async () => {
    const first = await serve((_, response) => response.end("first"));
    const second = await serve((_, response) => response.end("second"));
    let endpoint = first.url;
    const manager = await serve((_, response) =>
      response.end(JSON.stringify([{ name: "acme", internalEndpoint: endpoint, status: "running" }])),
    );
    const url = await start({ stackResolverUrl: manager.url });
    const page = () => fetch(`${url}/stacks/acme/`).then((response) => response.text());
    expect(await page()).toBe("first");
    await close(first.server);
    endpoint = second.url;
    expect(JSON.parse(await page())).toMatchObject({ code: "upstream-unavailable" });
    expect(await page()).toBe("second");
    expect(await problem(`${url}/stacks/nobody/`)).toMatchObject({ status: 404, body: { code: "not-found" } });
  });

  it("asks for an unknown Stack at most once a second", async () => {
    let questions = 0;
    const manager = await serve((_, response) => {
      questions += 1;
      response.end("[]");
    });
    const url = await start({ stackResolverUrl: manager.url });
    await Promise.all(Array.from({ length: 50 }, () => fetch(`${url}/stacks/nobody/`)));
    expect(questions).toBeLessThanOrEqual(2);
  });

  it("says 503 when nobody can say where a Stack is", async () => {
    const url = await start({ stackResolverUrl: closedUrl });
    expect(await problem(`${url}/stacks/acme/`)).toMatchObject({ status: 503, body: { code: "stack-unavailable" } });
  });

  it("does not start without a secret", async () => {
    await expect(start({ vault: { ...vault, KOMBIFY_FUNCTIONS_KEY: "" } })).rejects.toThrow(/KOMBIFY_FUNCTIONS_KEY/);
  });
});
