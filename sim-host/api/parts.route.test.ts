import { beforeEach, describe, expect, test } from "vitest";
import type { TestApi } from "../../tests/support/sim-api.ts";
import { buildApi, json, runningId, signedBy } from "../../tests/support/sim-api.ts";

let api: TestApi;
let id = "";
beforeEach(async () => {
  api = buildApi();
  id = await runningId(api);
});

const post = (path: string) =>
  api.app.inject({ method: "POST", url: `/v1/simulations/${id}/nodes/${path}`, headers: signedBy("ada") });
const patch = (link: string, body: unknown) =>
  api.app.inject({
    ...{ method: "PATCH", url: `/v1/simulations/${id}/links/${link}`, headers: signedBy("ada", json) },
    body: JSON.stringify(body),
  });

const linkView = async (name: string) => {
  const answer = await api.app.inject({ url: `/v1/simulations/${id}`, headers: signedBy("ada") });
  return answer
    .json<{ links: { name: string; isDown: boolean; directions: unknown[] }[] }>()
    .links.find((link) => link.name === name);
};

describe("a node", () => {
  test.each([
    { action: "stop", wanted: "stopped", state: "exited" },
    { action: "kill", wanted: "killed", state: "exited" },
    { action: "pause", wanted: "paused", state: "paused" },
    { action: "resume", wanted: "running", state: "running" },
    { action: "start", wanted: "running", state: "running" },
    { action: "restart", wanted: "running", state: "running" },
  ])("can be asked to $action", async ({ action, wanted, state }) => {
    const answer = await post(`web/${action}`);
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toMatchObject({ simulation: { id }, operation: { kind: "node" } });
    await api.host.reconciler.settled("tenant-acme", id);
    const view = await api.app.inject({ url: `/v1/simulations/${id}`, headers: signedBy("ada") });
    expect(view.json<{ nodes: unknown[] }>().nodes[1]).toMatchObject({ name: "web", wanted, state });
  });

  test("that there is not, cannot be asked for anything, and nothing but these can be asked", async () => {
    expect((await post("nobody/start")).statusCode).toBe(404);
    expect((await post("web/destroy")).json()).toMatchObject({ code: "not-found" });
  });
});

describe("a link", () => {
  const loss = { lossPercent: 100 };
  test.each([
    { change: { isDown: true }, seen: { isDown: true, directions: [] } },
    { change: { impairment: { lossPercent: 0, delayMilliseconds: 0 } }, seen: { isDown: false, directions: [] } },
    { change: { impairment: {} }, seen: { isDown: false, directions: [] } },
    { change: { directions: [] }, seen: { isDown: false, directions: [] } },
    {
      change: { impairment: { delayMilliseconds: 10, jitterMilliseconds: 2, corruptionPercent: 0.1 } },
      seen: {
        directions: [
          {
            from: "client",
            to: "web",
            impairment: { delayMilliseconds: 10, jitterMilliseconds: 2, corruptionPercent: 0.1 },
          },
          {
            from: "web",
            to: "client",
            impairment: { delayMilliseconds: 10, jitterMilliseconds: 2, corruptionPercent: 0.1 },
          },
        ],
      },
    },
    {
      change: { isDown: true, directions: [{ from: "web", to: "client", impairment: loss }] },
      seen: { isDown: true, directions: [{ from: "web", to: "client", impairment: loss }] },
    },
  ])("is changed as told: $change", async ({ change, seen }) => {
    const answer = await patch("front", change);
    expect(answer).toMatchObject({ statusCode: 200 });
    expect(answer.headers.etag).toMatch(/^"\d+"$/);
    expect(await linkView("front")).toMatchObject(seen);
  });

  test.each([
    {},
    [],
    null,
    { isDown: "yes" },
    { impairment: { lossPercent: 101 } },
    { impairment: { lossPercent: -1 } },
    { impairment: { delayMilliseconds: 1e9 } },
    { impairment: { rateBitsPerSecond: 0 } },
    { impairment: { rateBitsPerSecond: 7_999 } },
    { impairment: { rateBitsPerSecond: 10_000.5 } },
    { impairment: { delayMilliseconds: 5, jitterMilliseconds: 6 } },
    { impairment: { duplication: 1 } },
    { impairment: { delayMilliseconds: null } },
    { subnet: "10.0.0.0/8" },
    { directions: [{ from: "web", impairment: {} }] },
    { directions: [{ from: "web", to: "client", impairment: {}, portId: "x" }] },
    { directions: Array.from({ length: 813 }, () => ({ from: "a", to: "b", impairment: {} })) },
  ])("is not changed by what is no change: %j", async (change) => {
    const before = await linkView("front");
    expect((await patch("front", change)).json()).toMatchObject({ status: 400, code: "invalid-input" });
    expect(await linkView("front")).toEqual(before);
  });

  test("that there is not, is not found", async () => {
    expect((await patch("nothing", { isDown: true })).statusCode).toBe(404);
  });
});
