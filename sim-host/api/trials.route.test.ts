import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { TestApi } from "../../tests/support/sim-api.ts";
import { buildApi, json, runningId, signedBy } from "../../tests/support/sim-api.ts";
import { aStanding } from "../../tests/support/sim-host.ts";
import type { Trial } from "../trials/trial.ts";
import { trialView } from "../trials/trial.ts";
import type { Trials } from "../trials/trials.ts";
import { trialRoutes } from "./trials.route.ts";

const trial: Trial = {
  ...{
    tenantId: "tenant-acme",
    id: "trial-aaaaaaaaaaaaaaaaaaaa",
    standing: aStanding("tenant-acme"),
    source: "secret",
  },
  kit: { id: "wiki", name: "Wiki", version: "1.0.0", sha256: "ab" },
  ...{ images: [], startedAt: "2026-12-01T10:00:00.000Z", simulationId: "sim-a" },
  ...{ runsBegun: 0, reportsFailed: 0, isStopped: false, madeOf: "secret", status: "running" },
};

let api: TestApi;
let sealed: string;
const asked: unknown[] = [];

const trials: Trials = {
  start(_standing, kit, version) {
    asked.push([kit, version]);
    if (kit === "locked") {
      return Promise.reject(new DomainError("plan-required", "No.", { facts: { requiredPlan: "pro" } }));
    }
    return Promise.resolve(trial);
  },
  of: () => trial,
  requireUnsealed({ tenantId }, id) {
    if (tenantId === "tenant-acme" && id === sealed) throw new DomainError("simulation-state", "It is on trial.");
  },
  advance: () => Promise.resolve(),
  tidy: () => undefined,
};

beforeEach(async () => {
  asked.length = 0;
  api = buildApi(
    () => ({ trialOf: (_standing, id) => (id === sealed ? trialView(trial) : undefined) }),
    [trialRoutes(trials)],
  );
  sealed = await runningId(api);
});
afterEach(() => api.app.close());

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
const call = (method: Method, path: string, body?: string, token = "ada") =>
  api.app.inject({
    ...{ method, url: `/v1/simulations${path}`, headers: signedBy(token, body === undefined ? {} : json) },
    ...(body === undefined ? {} : { body }),
  });

describe("the routes of trials", () => {
  it("begin one, and say where it is and nothing of its inside", async () => {
    const answer = await call("POST", "/trials", JSON.stringify({ kit: "wiki", version: "1.0.0" }));
    expect([answer.statusCode, answer.headers.location]).toEqual([202, "/v1/simulations/sim-a"]);
    expect(answer.json()).toEqual({
      ...{
        id: trial.id,
        kit: { id: "wiki", name: "Wiki", version: "1.0.0" },
        simulationId: "sim-a",
        status: "running",
      },
    });
    expect(asked).toEqual([["wiki", "1.0.0"]]);
  });

  it.each([
    ["{}", 400, "invalid-input"],
    [JSON.stringify({ kit: "../users" }), 400, "invalid-input"],
    [JSON.stringify({ kit: "wiki", version: "latest" }), 400, "invalid-input"],
    [JSON.stringify({ kit: "wiki", image: "evil" }), 400, "invalid-input"],
    [JSON.stringify({ kit: "locked" }), 403, "plan-required"],
  ])("refuse %s with %s", async (body, status, code) => {
    const answer = await call("POST", "/trials", body);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code]);
  });

  it("show with a simulation which kit it tries", async () => {
    expect((await call("GET", `/${sealed}`)).json()).toMatchObject({
      trial: { kit: { id: "wiki" }, status: "running" },
    });
    const other = await runningId(api);
    expect((await call("GET", `/${other}`)).json()).not.toHaveProperty("trial");
  });
});

describe("a simulation on trial", () => {
  const changes: readonly (readonly [Method, string])[] = [
    ["POST", "/pause"],
    ["POST", "/restart"],
    ["POST", "/extend"],
    ["PUT", "/topology"],
    ["POST", "/nodes/web/kill"],
    ["POST", "/nodes/web/exec"],
    ["POST", "/nodes/web/terminal"],
    ["PATCH", "/links/front"],
    ["POST", "/saves"],
    ["POST", "/saves/save-a/restore"],
    ["POST", "/links/front/captures"],
  ];

  it.each(changes)("is not changed by %s %s", async (method, path) => {
    const answer = await call(method, `/${sealed}${path}`, "{}");
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({ code: "simulation-state", detail: "It is on trial." });
  });

  it("may be looked at, and be given up", async () => {
    expect((await call("GET", `/${sealed}/topology`)).statusCode).toBe(200);
    expect((await call("POST", `/${sealed}/stop`)).statusCode).toBe(202);
    expect((await call("DELETE", `/${sealed}`)).statusCode).toBe(202);
  });

  it("is not found by others", async () => {
    expect((await call("POST", `/${sealed}/pause`, undefined, "gil")).statusCode).toBe(404);
  });
});
