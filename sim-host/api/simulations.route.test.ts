import { beforeEach, describe, expect, test } from "vitest";
import type { TestApi } from "../../tests/support/sim-api.ts";
import { buildApi, json, runningId, signedBy, threeTiers, yaml } from "../../tests/support/sim-api.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { SimulationServices } from "../simulations/services.ts";

let api: TestApi;
let id = "";
beforeEach(async () => {
  api = buildApi(() => ({ lastRunOf: () => ({ id: "run-1", status: "passed" }) }));
  id = await runningId(api);
});

interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const send = ({ app }: TestApi, method: "GET" | "POST" | "PUT" | "DELETE", path: string, sent: Sent = {}) => {
  const { headers = {}, body } = sent;
  const url = `/v1/simulations${path}`;
  return app.inject({ method, url, headers: signedBy("ada", headers), ...(body === undefined ? {} : { body }) });
};
const get = (path: string) => send(api, "GET", path);
const post = (path: string, sent?: Sent) => send(api, "POST", path, sent);
const statusOf = async (): Promise<unknown> => (await get(`/${id}`)).json<{ status: unknown }>().status;

/** An API whose services refuse to create, and what they were asked. */
const refusing = (error: DomainError) => {
  const asked: Parameters<SimulationServices["create"]>[2][] = [];
  const refusal = buildApi(({ services }) => ({
    services: {
      ...services,
      create: (_standing, _source, options) => {
        asked.push(options);
        return Promise.reject(error);
      },
    },
  }));
  return { asked, create: (path: string, sent: Sent) => send(refusal, "POST", path, sent) };
};

describe("a new simulation", () => {
  test("is accepted with its operation and where to watch it", async () => {
    const answer = await post("?start=true", { headers: yaml, body: threeTiers });
    expect(answer.statusCode).toBe(202);
    const { simulation, operation } = answer.json<Record<"simulation" | "operation", { id: string }>>();
    expect(answer.headers.location).toBe(`/v1/simulations/${simulation.id}/operations/${operation.id}`);
    await api.host.reconciler.settled("tenant-acme", simulation.id);
    const watched = await get(answer.headers.location!.slice("/v1/simulations".length));
    expect(watched.json()).toMatchObject({ id: operation.id, kind: "create", status: "succeeded" });
    expect(watched.json()).not.toHaveProperty("tenantId");
  });

  test("is not started unless that is asked for, and may be written as JSON", async () => {
    const answer = await post("", { headers: json, body: threeTiers });
    expect(answer.json()).toMatchObject({ simulation: { status: "stopped" } });
  });

  test("is made once for one key of idempotency", async () => {
    const once = { headers: { ...yaml, "idempotency-key": "once" }, body: threeTiers };
    const [first, second] = [await post("", once), await post("", once)];
    expect(second.json<{ simulation: { id: string } }>().simulation.id).toBe(
      first.json<{ simulation: { id: string } }>().simulation.id,
    );
    expect((await post("?start=true", once)).json()).toMatchObject({ code: "idempotency-key-reused", status: 409 });
    const unprintable = { ...once, headers: { ...yaml, "idempotency-key": "a b" } };
    expect((await post("", unprintable)).statusCode).toBe(400);
  });

  test.each([
    { code: "topology-invalid", status: 422, facts: { findings: [{ rule: "topology/node-unknown", line: 3 }] } },
    { code: "plan-required", status: 403, facts: { requiredPlan: "pro", lacks: ["The plan free has 5 nodes."] } },
    { code: "simulation-limit-reached", status: 409, facts: { simulationsMax: 5 } },
    { code: "no-room", status: 503, facts: {} },
    { code: "walls-down", status: 503, facts: {} },
  ] as const)("that is refused says $code, with what is known of it", async ({ code, status, facts }) => {
    const { asked, create } = refusing(new DomainError(code, "No.", { facts }));
    const answer = await create("?start=false", { headers: yaml, body: "name: x" });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toEqual(expect.objectContaining({ code, ...facts }));
    expect(asked).toEqual([{ start: false }]);
  });

  test("is assessed without being made", async () => {
    const answer = await post("/validate", { headers: yaml, body: threeTiers });
    expect(answer.json()).toMatchObject({ isValid: true, findings: [], budget: { nodes: 3, minutes: 60 }, lacks: [] });
    expect((await get("")).json<{ simulations: unknown[] }>().simulations).toHaveLength(1);
  });
});

describe("a simulation", () => {
  test("is shown without whose it is and where the engine keeps it", async () => {
    const answer = await get(`/${id}`);
    const view = answer.json<Record<string, unknown> & { revision: number }>();
    expect(answer.headers.etag).toBe(`"${view.revision}"`);
    expect(view).toEqual({
      ...{ id, name: "Three-tier lab", status: "running", wanted: "running", seed: 1 },
      revision: expect.any(Number) as unknown,
      ...Object.fromEntries(
        ["createdAt", "updatedAt", "startedAt", "expiresAt"].map((name) => [name, expect.stringMatching(/Z$/)]),
      ),
      budget: expect.objectContaining({ nodes: 3, addresses: 4, minutes: 60 }) as unknown,
      nodes: [
        {
          ...{ name: "client", image: "toolbox", wanted: "running", state: "running" },
          addresses: { front: "10.111.0.2" },
          limits: { memoryMegabytes: 64, cpus: 0.25, pidsMax: 64 },
        },
        expect.objectContaining({ name: "web", addresses: { front: "10.111.0.3", back: "10.111.0.34" } }),
        expect.objectContaining({ name: "db", addresses: { back: "10.111.0.35" } }),
      ],
      links: [
        { name: "front", nodes: ["client", "web"], subnet: "10.111.0.0/27", isDown: false, directions: [] },
        { name: "back", nodes: ["web", "db"], subnet: "10.111.0.32/27", isDown: false, directions: [] },
      ],
      runs: { last: { id: "run-1", status: "passed" } },
    });
    expect(answer.body).not.toMatch(/tenant|[0-9a-f]{64}/);
  });

  test("that waits for room tells its place", async () => {
    const queued = buildApi(({ services }) => ({
      services: {
        ...services,
        get: (...which) => ({ ...services.get(...which), status: "queued" }),
        queuePlace: () => ({ place: 2, expectedAt: null }),
      },
    }));
    const view = await send(queued, "GET", `/${await runningId(queued)}`);
    expect(view.json()).toMatchObject({ status: "queued", queue: { place: 2, expectedAt: null } });
  });

  test("is listed in pages, with what the plan allows", async () => {
    const second = await runningId(api);
    const first = await get("?limit=1");
    const { simulations, next } = first.json<{ simulations: { id: string }[]; next: string }>();
    expect(simulations.map((each) => each.id)).toEqual([second]);
    expect(first.json()).toMatchObject({ limits: { simulations: 5 }, used: { simulations: 1 } });
    const rest = await get(`?limit=1&after=${encodeURIComponent(next)}`);
    expect(rest.json()).toMatchObject({ simulations: [{ id }] });
    expect(rest.json()).not.toHaveProperty("next");
  });

  test.each([
    { action: "stop", status: "stopped" },
    { action: "pause", status: "paused" },
    { action: "restart", status: "running" },
    { action: "start", status: "running" },
    { action: "resume", status: "running" },
  ])("can be asked to $action", async ({ action, status }) => {
    const answer = await post(`/${id}/${action}`);
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toMatchObject({ simulation: { id }, operation: { kind: action } });
    await api.host.reconciler.settled("tenant-acme", id);
    expect(await statusOf()).toBe(status);
  });

  test("can be deleted, by the revision that was seen if somebody cares", async () => {
    const remove = (tag: string) => send(api, "DELETE", `/${id}`, { headers: { "if-match": tag } });
    const tag = String((await get(`/${id}`)).headers.etag);
    expect((await remove('"1"')).statusCode).toBe(412);
    expect((await remove(tag.replaceAll('"', ""))).statusCode).toBe(400);
    expect((await remove(tag)).statusCode).toBe(202);
    await api.host.reconciler.settled("tenant-acme", id);
    expect((await get(`/${id}`)).json()).toMatchObject({ code: "simulation-not-found", status: 404 });
  });

  test("can be extended", async () => {
    const before = (await get(`/${id}`)).json<{ expiresAt: string }>().expiresAt;
    const extend = (headers: Sent["headers"], body: string) => post(`/${id}/extend`, { headers: headers!, body });
    const answer = await extend(json, '{"minutes":30}');
    expect(answer.json<{ expiresAt: string }>().expiresAt >= before).toBe(true);
    expect((await extend(json, '{"minutes":1e9}')).statusCode).toBe(400);
    expect((await extend(yaml, "minutes: 5")).statusCode).toBe(415);
  });
});

describe("a topology", () => {
  test("is given back as it was written", async () => {
    const answer = await get(`/${id}/topology`);
    expect(answer.body).toBe(threeTiers);
    expect(answer.headers["content-type"]).toBe("text/yaml; charset=utf-8");
    expect(answer.headers.etag).toBe((await get(`/${id}`)).headers.etag);
  });

  test("is changed at the revision that was seen, and at no other", async () => {
    const change = (tag?: string) =>
      send(api, "PUT", `/${id}/topology`, { headers: { ...yaml, ...(tag && { "if-match": tag }) }, body: threeTiers });
    expect((await change()).statusCode).toBe(400);
    expect((await change('"1"')).statusCode).toBe(412);
    const answer = await change(String((await get(`/${id}`)).headers.etag));
    expect(answer.json()).toMatchObject({ simulation: { id }, operation: { kind: "change" } });
  });

  test("is planned without being changed", async () => {
    const answer = await post(`/${id}/plan`, { headers: yaml, body: threeTiers });
    expect(answer.json()).toMatchObject({ steps: [], assessment: { isValid: true } });
  });

  test.each([
    { ending: "svg", type: "image/svg+xml", body: "<svg>Three-tier lab</svg>" },
    { ending: "mmd", type: "text/vnd.mermaid; charset=utf-8", body: "graph LR %% Three-tier lab" },
    { ending: "dot", type: "text/vnd.graphviz; charset=utf-8", body: 'graph "Three-tier lab" {}' },
  ])("is drawn as $ending, and the picture runs nothing", async ({ ending, type, body }) => {
    const answer = await get(`/${id}/topology.${ending}`);
    expect(answer).toMatchObject({ statusCode: 200, body });
    expect(answer.headers).toMatchObject({ "content-type": type, "x-content-type-options": "nosniff" });
    expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
  });
});

test("images and the schema are shown to signed-in people", async () => {
  expect((await get("/images")).json()).toEqual({ images: [{ name: "toolbox", summary: "Small tools." }] });
  const schema = await get("/schema");
  expect(schema.headers["content-type"]).toBe("application/schema+json; charset=utf-8");
  expect(schema.json()).toMatchObject({ title: "Simulation" });
});
