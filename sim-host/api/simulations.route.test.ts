import { beforeEach, describe, expect, test } from "vitest";
import type { TestApi } from "./fixtures/build-api.ts";
import { buildApi, createdId, json, signedBy, threeTiers, yaml } from "./fixtures/build-api.ts";

let api: TestApi;
let id = "";
beforeEach(async () => {
  api = buildApi({ lastRunOf: () => ({ id: "run-1", status: "passed" }) });
  id = await createdId(api.app);
});

interface Sent {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const send = (method: "GET" | "POST" | "PUT" | "DELETE", path: string, sent: Sent = {}) => {
  const { token = "ada", headers = {}, body } = sent;
  const url = `/v1/simulations${path}`;
  return api.app.inject({ method, url, headers: signedBy(token, headers), ...(body === undefined ? {} : { body }) });
};

describe("a new simulation", () => {
  test("is accepted with its operation and where to watch it", async () => {
    const headers = { ...yaml, "idempotency-key": "once" };
    const answer = await send("POST", "?start=true", { headers, body: threeTiers });
    expect(answer.statusCode).toBe(202);
    const { simulation, operation } = answer.json<Record<"simulation" | "operation", { id: string }>>();
    expect(answer.headers.location).toBe(`/v1/simulations/${simulation.id}/operations/${operation.id}`);
    expect(operation).not.toHaveProperty("tenantId");
    expect((await api.app.inject({ url: answer.headers.location!, headers: signedBy("ada") })).json()).toEqual(
      operation,
    );
    expect(api.memory.calls.at(-1)).toBe('create {"start":true,"idempotencyKey":"once"}');
  });

  test("is not started unless that is asked for, and may be written as JSON", async () => {
    const body = JSON.stringify({ name: "One", nodes: { a: {} }, links: {} });
    expect((await send("POST", "", { headers: json, body })).statusCode).toBe(202);
    expect(api.memory.calls.at(-1)).toBe('create {"start":false}');
  });

  test("is refused with what is wrong with it", async () => {
    const answer = await send("POST", "", { headers: yaml, body: "name: x" });
    expect(answer.json()).toMatchObject({ status: 422, code: "topology-invalid", findings: [{ line: 1 }] });
  });

  test("is refused with a key of idempotency that does not print", async () => {
    const answer = await send("POST", "", { headers: { ...yaml, "idempotency-key": "a b" }, body: threeTiers });
    expect(answer.statusCode).toBe(400);
  });

  test("is assessed without being made", async () => {
    const good = await send("POST", "/validate", { headers: yaml, body: threeTiers });
    expect(good.json()).toMatchObject({ isValid: true, budget: { nodes: 3 } });
    expect((await send("POST", "/validate", { headers: yaml, body: "" })).json()).toMatchObject({ isValid: false });
    expect((await send("GET", "")).json<{ simulations: unknown[] }>().simulations).toHaveLength(1);
  });
});

describe("a simulation", () => {
  test("is shown without whose it is and where the engine keeps it", async () => {
    const answer = await send("GET", `/${id}`);
    expect(answer.headers.etag).toBe('"2"');
    expect(answer.json()).toEqual({
      ...{ id, name: "Three-tier lab", status: "running", wanted: "running", revision: 2, seed: 1 },
      createdAt: "2026-01-01T00:00:00.000Z",
      updatedAt: "2026-01-01T00:00:00.000Z",
      startedAt: "2026-01-01T00:00:00.000Z",
      budget: expect.objectContaining({ nodes: 3 }) as unknown,
      nodes: ["client", "web", "db"].map((name) => expect.objectContaining({ name, image: "toolbox" }) as unknown),
      links: [
        { name: "front", nodes: ["client", "web"], subnet: "10.111.0.0/27", isDown: false, directions: [] },
        { name: "back", nodes: ["web", "db"], subnet: "10.111.0.32/27", isDown: false, directions: [] },
      ],
      runs: { last: { id: "run-1", status: "passed" } },
    });
    expect(answer.json<{ nodes: { addresses: unknown }[] }>().nodes[1]?.addresses).toEqual({
      front: "10.111.0.3",
      back: "10.111.0.34",
    });
    expect(answer.body).not.toMatch(/tenant|[0-9a-f]{64}/);
  });

  test("that waits for room tells its place", async () => {
    const simulation = api.memory.get({ tenantId: "tenant-acme" }, id);
    api.memory.put({ ...simulation, status: "queued" });
    expect((await send("GET", `/${id}`)).json()).toMatchObject({ queue: { place: 1, expectedAt: null } });
  });

  test("is listed in pages, with what the plan allows", async () => {
    const second = await createdId(api.app);
    const first = await send("GET", "?limit=1");
    const { simulations, next } = first.json<{ simulations: { id: string }[]; next: string }>();
    expect(simulations.map((each) => each.id)).toEqual([second]);
    expect(first.json()).toMatchObject({ limits: { simulations: 5 }, used: { simulations: 1 } });
    const rest = await send("GET", `?limit=1&after=${next}`);
    expect(rest.json()).toMatchObject({ simulations: [{ id }] });
    expect(rest.json()).not.toHaveProperty("next");
  });

  test.each(["start", "stop", "pause", "resume", "restart"])("can be asked to %s", async (action) => {
    const answer = await send("POST", `/${id}/${action}`);
    expect(answer.json()).toMatchObject({ simulation: { id }, operation: { kind: action } });
    expect(answer.statusCode).toBe(202);
    expect(api.memory.calls.at(-1)).toBe(action);
  });

  test("can be deleted, by whom it may be by the revision that was seen", async () => {
    expect((await send("DELETE", `/${id}`, { headers: { "if-match": '"1"' } })).statusCode).toBe(412);
    expect((await send("DELETE", `/${id}`, { headers: { "if-match": "2" } })).statusCode).toBe(400);
    expect((await send("DELETE", `/${id}`, { headers: { "if-match": '"2"' } })).statusCode).toBe(202);
    expect((await send("GET", `/${id}`)).json()).toMatchObject({ code: "simulation-not-found" });
  });

  test("can be extended", async () => {
    const answer = await send("POST", `/${id}/extend`, { headers: json, body: '{"minutes":30}' });
    expect(answer.json()).toMatchObject({ id, expiresAt: "in 30 minutes" });
    expect((await send("POST", `/${id}/extend`, { headers: json, body: '{"minutes":1e9}' })).statusCode).toBe(400);
    expect((await send("POST", `/${id}/extend`, { headers: yaml, body: "minutes: 5" })).statusCode).toBe(415);
  });
});

describe("a topology", () => {
  test("is given back as it was written", async () => {
    const answer = await send("GET", `/${id}/topology`);
    expect(answer.body).toBe(threeTiers);
    expect(answer.headers).toMatchObject({ "content-type": "text/yaml; charset=utf-8", etag: '"2"' });
  });

  test("is changed at the revision that was seen, and at no other", async () => {
    const change = (tag?: string) =>
      send("PUT", `/${id}/topology`, { headers: { ...yaml, ...(tag && { "if-match": tag }) }, body: threeTiers });
    expect((await change()).statusCode).toBe(400);
    expect((await change('"7"')).statusCode).toBe(412);
    expect((await change('"2"')).json()).toMatchObject({ simulation: { revision: 3 }, operation: { kind: "change" } });
  });

  test("is planned without being changed", async () => {
    const answer = await send("POST", `/${id}/plan`, { headers: yaml, body: threeTiers });
    expect(answer.json()).toMatchObject({ steps: [{ action: "none" }], assessment: { isValid: true } });
  });

  test.each([
    { ending: "svg", type: "image/svg+xml", body: "<svg>Three-tier lab</svg>" },
    { ending: "mmd", type: "text/vnd.mermaid; charset=utf-8", body: "graph LR %% Three-tier lab" },
    { ending: "dot", type: "text/vnd.graphviz; charset=utf-8", body: 'graph "Three-tier lab" {}' },
  ])("is drawn as $ending, and the picture runs nothing", async ({ ending, type, body }) => {
    const answer = await send("GET", `/${id}/topology.${ending}`);
    expect(answer).toMatchObject({ statusCode: 200, body });
    expect(answer.headers).toMatchObject({ "content-type": type, "x-content-type-options": "nosniff" });
    expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
  });
});

test("images and the schema are shown to signed-in people", async () => {
  expect((await send("GET", "/images")).json()).toEqual({ images: [{ name: "toolbox", summary: "Small tools." }] });
  const schema = await send("GET", "/schema");
  expect(schema.headers["content-type"]).toBe("application/schema+json; charset=utf-8");
  expect(schema.json()).toMatchObject({ title: "Simulation" });
});
