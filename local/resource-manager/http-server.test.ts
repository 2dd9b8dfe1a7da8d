import type { Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Injection, listenArm, pathPattern, type Route } from "./http-server.ts";

const acceptedToken = "the-token";
const bearer = { authorization: `Bearer ${acceptedToken}` };
const version = "?api-version=2025-04-01";
const logged: string[] = [];

const routes: readonly Route[] = [
  {
    method: "PUT",
    pattern: pathPattern("/subscriptions/{subscription}/things/{thing}"),
    handle: ({ params, body }) => ({ status: 201, body: { params, body } }),
  },
  {
    method: "GET",
    pattern: pathPattern("/broken"),
    handle: () => {
      throw new Error("a detail of ours");
    },
  },
  { method: "GET", pattern: pathPattern("/dev/open"), access: "open", handle: () => ({ status: 204 }) },
];

const injection: Injection = {
  beforeToken: (_, act) => act(),
  around: ({ route, request }) => Promise.resolve().then(() => route.handle(request)),
};

let server: Server;
let url = "";

beforeAll(async () => {
  const listening = await listenArm({ port: 0, acceptedToken, routes, injection, log: (line) => logged.push(line) });
  server = listening.server;
  url = `http://127.0.0.1:${listening.port}`;
});

afterAll(() => {
  server.close();
});

const put = (path: string, body: string): Promise<Response> =>
  fetch(`${url}${path}${version}`, { method: "PUT", headers: bearer, body });

describe("the server", () => {
  it("matches paths without regard to case, decodes them, and forgives a doubled first slash", async () => {
    const response = await put("//Subscriptions/s/THINGS/a%20b", '{"x":1}');
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ params: { subscription: "s", thing: "a b" }, body: { x: 1 } });
  });

  it.each([
    { what: "no token", status: 401, code: "AuthenticationFailed", path: `/broken${version}`, headers: {} },
    {
      what: "a wrong token",
      status: 401,
      code: "AuthenticationFailed",
      path: `/broken${version}`,
      headers: { authorization: "Bearer the-token-and-more" },
    },
    { what: "no api-version", status: 400, code: "MissingApiVersionParameter", path: "/broken", headers: bearer },
    {
      what: "a bad api-version",
      status: 400,
      code: "InvalidApiVersionParameter",
      path: "/broken?api-version=1",
      headers: bearer,
    },
    { what: "an unknown path", status: 501, code: "NotImplemented", path: `/other${version}`, headers: bearer },
    { what: "an unknown path, no token", status: 401, code: "AuthenticationFailed", path: "/other", headers: {} },
  ])("answers $what with $status $code", async ({ status, code, path, headers }) => {
    const response = await fetch(`${url}${path}`, { headers });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
  });

  it("refuses what is not JSON without quoting it, and what is too large", async () => {
    const broken = await put("/subscriptions/s/things/t", '{"password": "s3cret"');
    expect(broken.status).toBe(400);
    expect(await broken.text()).not.toContain("s3cret");
    const large = await put("/subscriptions/s/things/t", JSON.stringify("x".repeat(4 * 1024 * 1024)));
    expect(large.status).toBe(413);
  });

  it("keeps its own faults to itself and its log", async () => {
    const response = await fetch(`${url}/broken${version}`, { headers: bearer });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("a detail of ours");
    expect(logged.join("\n")).toContain("a detail of ours");
  });

  it("asks for no token where none is needed", async () => {
    expect((await fetch(`${url}/dev/open`)).status).toBe(204);
  });
});
