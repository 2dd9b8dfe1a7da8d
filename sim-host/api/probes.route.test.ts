import { beforeEach, describe, expect, test } from "vitest";
import { makeCheckHealth } from "../../shared/health/check-health.ts";
import type { TestApi } from "../../tests/support/sim-api.ts";
import { buildApi, runningId, signedBy } from "../../tests/support/sim-api.ts";
import { makeMetrics } from "./metrics.ts";

let api: TestApi;
let now = 0;
let isEngineUp = true;
let checked = 0;

const checkEngine = (): Promise<void> => {
  checked += 1;
  return isEngineUp ? Promise.resolve() : Promise.reject(new Error("/var/run/docker.sock"));
};
beforeEach(() => {
  [now, isEngineUp, checked] = [Date.UTC(2026, 0, 1), true, 0];
  const clock = (): Date => new Date(now);
  const checks = { walls: () => Promise.resolve(), engine: checkEngine };
  const timeout = (): Promise<never> => new Promise(() => undefined);
  api = buildApi(() => ({ clock, checkHealth: makeCheckHealth({ version: "1.2.3", clock, checks, timeout }) }));
});

describe("whoever runs the host", () => {
  test("is told that it lives and what works, without a key of anybody's", async () => {
    const health = { version: "1.2.3", timestamp: "2026-01-01T00:00:00.000Z" };
    const answer = await api.app.inject("/health");
    expect(answer.json()).toEqual({ ...health, status: "healthy", checks: { walls: "ok", engine: "ok" } });
    expect((await api.app.inject("/ready")).statusCode).toBe(200);
    isEngineUp = false;
    now += 1_000;
    const [alive, ready] = [await api.app.inject("/health"), await api.app.inject("/ready")];
    expect([alive.statusCode, ready.statusCode]).toEqual([200, 503]);
    expect(ready.json()).toMatchObject({ status: "degraded", checks: { walls: "ok", engine: "failed" } });
    expect(ready.body).not.toContain("docker");
  });

  test("may ask as often as it likes: the engine is asked once a second", async () => {
    await Promise.all(Array.from({ length: 50 }, () => api.app.inject("/ready")));
    expect(checked).toBe(1);
    now += 1_000;
    await api.app.inject("/ready");
    expect(checked).toBe(2);
  });

  test("is shown requests by pattern and status, and nothing of whose they were", async () => {
    const id = await runningId(api);
    await api.app.inject({ url: `/v1/simulations/${id}`, headers: signedBy("ada") });
    await api.app.inject({ url: `/v1/simulations/sim-nobodys`, headers: signedBy("ada") });
    await api.app.inject("/nothing/at/all?tenant=acme");
    const { body, headers } = await api.app.inject("/metrics");
    expect(headers["content-type"]).toContain("text/plain; version=0.0.4");
    const one = 'route="/v1/simulations/:id",method="GET"';
    expect(body).toContain(`kombify_sim_http_request_seconds_count{${one},status="200"} 1`);
    expect(body).toContain(`kombify_sim_http_request_seconds_count{${one},status="404"} 1`);
    expect(body).toContain('kombify_sim_http_request_seconds_count{route="none",method="GET",status="404"} 1');
    expect(body).toContain('kombify_sim_simulations{status="running"} 2');
    expect(body).toContain('kombify_sim_nodes{state="running"} 6');
    expect(body).toContain('kombify_sim_subnets{state="free"} 4');
    expect(body).toContain("kombify_sim_queue_length 0");
    expect(body).toContain("kombify_sim_walls_up 1");
    expect(body).not.toMatch(/tenant|acme|ada|sim-[a-z2-7]{20}/);
  });
});

test("operations, calls of the engine and open answers are counted", async () => {
  const metrics = makeMetrics({ hasProcessMetrics: true });
  const figures = { simulationsByStatus: { running: 1 }, nodesByState: {}, queueLength: 3, areWallsUp: false };
  metrics.operation("start", "succeeded", 1.5);
  metrics.dockerCall("createContainer", "failed", 0.2);
  metrics.open("streams", 7);
  const text = await metrics.text({ ...figures, subnets: { used: 0, free: 8 } });
  expect(text).toContain('kombify_sim_operation_seconds_bucket{le="2",kind="start",status="succeeded"} 1');
  expect(text).toContain('kombify_sim_docker_call_seconds_sum{call="createContainer",outcome="failed"} 0.2');
  expect(text).toContain('kombify_sim_open_answers{kind="streams"} 7');
  expect(text).toContain("kombify_sim_walls_up 0");
  expect(text).toContain("process_resident_memory_bytes");
  expect(text).toContain('kombify_sim_simulations{status="running"} 1');
  const later = await metrics.text({ ...figures, simulationsByStatus: {}, subnets: { used: 0, free: 8 } });
  expect(later).not.toContain("kombify_sim_simulations{");
});
