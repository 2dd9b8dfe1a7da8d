import { beforeEach, describe, expect, test } from "vitest";
import type { TestApi } from "./fixtures/build-api.ts";
import { buildApi, createdId, json, signedBy } from "./fixtures/build-api.ts";

let api: TestApi;
let id = "";
beforeEach(async () => {
  api = buildApi();
  id = await createdId(api.app);
});

const post = (path: string) =>
  api.app.inject({ method: "POST", url: `/v1/simulations/${id}/nodes/${path}`, headers: signedBy("ada") });
const patch = (link: string, body: unknown) =>
  api.app.inject({
    ...{ method: "PATCH", url: `/v1/simulations/${id}/links/${link}`, headers: signedBy("ada", json) },
    body: JSON.stringify(body),
  });

describe("a node", () => {
  test.each(["start", "stop", "pause", "resume", "restart", "kill"])("can be asked to %s", async (action) => {
    const answer = await post(`web/${action}`);
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toMatchObject({ simulation: { id }, operation: { kind: "node" } });
    expect(api.memory.calls.at(-1)).toBe(`web ${action}`);
  });

  test("that there is not, cannot be asked for anything, and nothing but these can be asked", async () => {
    expect((await post("nobody/start")).json()).toMatchObject({ code: "not-found" });
    expect((await post("web/destroy")).json()).toMatchObject({ code: "not-found" });
    expect(api.memory.calls.at(-1)).toBe("nobody start");
  });
});

describe("a link", () => {
  test.each([
    { isDown: true },
    { impairment: { delayMilliseconds: 10, jitterMilliseconds: 2, lossPercent: 1.5, corruptionPercent: 0.1 } },
    { impairment: { rateBitsPerSecond: 10_000_000 } },
    { impairment: {} },
    { isDown: false, directions: [{ from: "web", to: "client", impairment: { lossPercent: 100 } }] },
    { directions: [] },
  ])("is changed as told: %j", async (change) => {
    const answer = await patch("front", change);
    expect(answer).toMatchObject({ statusCode: 200 });
    expect(answer.headers.etag).toBe('"3"');
    expect(api.memory.calls.at(-1)).toBe(`front ${JSON.stringify(change)}`);
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
    { impairment: { duplication: 1 } },
    { impairment: { delayMilliseconds: null } },
    { subnet: "10.0.0.0/8" },
    { directions: [{ from: "web", impairment: {} }] },
    { directions: [{ from: "web", to: "client", impairment: {}, portId: "x" }] },
    { directions: Array.from({ length: 1001 }, () => ({ from: "a", to: "b", impairment: {} })) },
  ])("is not changed by what is no change: %j", async (change) => {
    expect((await patch("front", change)).json()).toMatchObject({ status: 400, code: "invalid-input" });
    expect(api.memory.calls).toHaveLength(1);
  });

  test("that there is not, is not found", async () => {
    expect((await patch("nothing", { isDown: true })).json()).toMatchObject({ code: "not-found" });
  });
});
