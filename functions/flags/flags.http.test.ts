import type { HttpRequest, InvocationContext } from "@azure/functions";
import azure from "@azure/functions";
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { aCaller } from "../../tests/support/builders.ts";
import { aFlagRoom } from "../../tests/support/flags.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { withErrorBoundary } from "../http/http-function.ts";
import { operatorOnly } from "../http/read-caller.ts";
import { flagsFunctions } from "./flags-functions.ts";

const Body = z.looseObject({ code: z.string().optional(), revision: z.number().optional() });
const context = { error: () => undefined } as unknown as InvocationContext;

let room: ReturnType<typeof aFlagRoom>;
let entries: readonly HttpFunction[] = [];
let isOperator = true;
let published = 0;

beforeEach(() => {
  isOperator = true;
  published = 0;
  room = aFlagRoom();
  const publish = () => {
    published += 1;
    return Promise.resolve();
  };
  entries = flagsFunctions({
    ...room,
    clock: () => new Date("2026-01-01T00:00:00Z"),
    readOperator: operatorOnly(() => Promise.resolve(aCaller({ isOperator }))),
    requireService: (request) =>
      request.headers.get("authorization") === "Bearer ksk_good"
        ? Promise.resolve()
        : Promise.reject(new DomainError("unauthenticated", "No.")),
    announceFlagsOf: () => publish,
    publishFlagsOf: () => publish,
  });
});

interface Sent {
  readonly key?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

const call = async (name: string, { key = "tabs", headers = {}, body }: Sent = {}) => {
  const entry = entries.find((each) => each.name === name)!;
  const request: HttpRequest = new azure.HttpRequest({
    ...{ method: entry.method, url: `http://functions.internal/${entry.route}`, params: { key } },
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined || entry.method === "GET" ? {} : { body: { string: JSON.stringify(body) } }),
  });
  const answer = await withErrorBoundary(entry)(request, context);
  const text = typeof answer.body === "string" ? answer.body : "{}";
  return { status: answer.status, etag: new Headers(answer.headers).get("etag"), body: Body.parse(JSON.parse(text)) };
};

const tabs = { key: "tabs", variants: { on: true, off: false }, off: "off", otherwise: "off" };
const on = (revision: number) => ({ "if-match": `"${revision}"` });

describe("the operators' API", () => {
  test("creates, changes what is named, kills, restores and archives, and has each change published", async () => {
    expect(await call("create-flag", { body: tabs })).toMatchObject({ status: 201, etag: '"1"', body: { rules: [] } });
    const rules = [{ variant: "on", percentage: 25 }];
    const patched = await call("update-flag", { headers: on(1), body: { rules } });
    expect(patched).toMatchObject({ status: 200, etag: '"2"', body: { rules, variants: tabs.variants } });
    expect(await call("get-flag")).toMatchObject({ status: 200, etag: '"2"' });
    expect(await call("kill-flag")).toMatchObject({ status: 200, body: { killed: true, rules } });
    expect(await call("restore-flag", { headers: on(3) })).toMatchObject({ status: 200, body: { killed: false } });
    expect((await call("list-flags")).body).toMatchObject({ revision: 4, flags: [{ key: "tabs" }] });
    expect(await call("archive-flag", { headers: on(4) })).toMatchObject({ status: 204 });
    expect((await call("list-flags")).body).toMatchObject({ revision: 5, flags: [] });
    const { body } = await call("flag-history");
    expect(body["changes"]).toMatchObject([
      { action: "archive", by: "ada@acme.example", before: {}, after: {} },
      {},
      {},
      {},
      {},
    ]);
    expect(published).toBe(5);
  });

  test.each([
    ["update-flag", { headers: on(9), body: {} }, 412],
    ["update-flag", { body: {} }, 400],
    ["update-flag", { headers: on(1), body: { key: "other" } }, 400],
    ["update-flag", { headers: on(1), body: { killed: true } }, 400],
    ["update-flag", { headers: on(1), body: { otherwise: "none" } }, 400],
    ["update-flag", { key: "other", headers: on(1), body: {} }, 404],
    ["create-flag", { body: tabs }, 409],
    ["create-flag", { body: { ...tabs, key: "Tabs" } }, 400],
    ["restore-flag", {}, 400],
    ["archive-flag", { headers: on(2) }, 412],
    ["kill-flag", { key: "other" }, 404],
    ["get-flag", { key: "other" }, 404],
    ["flag-history", { key: "other" }, 404],
    ["evaluate-flag", { body: { fields: { ...tabs, key: "other" } } }, 400],
  ] as const)("refuses %s of %j with %i, and publishes nothing", async (name, sent, status) => {
    await call("create-flag", { body: tabs });
    expect((await call(name, sent)).status).toBe(status);
    expect([(await room.flags.readSet()).revision, published]).toEqual([1, 1]);
  });

  test("evaluates for a tenant by its own plan, for any plan, moment and wording, and changes nothing", async () => {
    const tenantId = await room.settle("one", "acme", "pro");
    await call("create-flag", { body: { ...tabs, rules: [{ variant: "on", plans: ["pro"] }] } });
    const ask = async (body: object) => (await call("evaluate-flag", { body })).body;
    expect(await ask({ tenantId })).toMatchObject({ value: true, variant: "on", reason: "TARGETING_MATCH" });
    expect(await ask({ tenantId, plan: "free" })).toMatchObject({ value: false, reason: "DEFAULT" });
    const later = { ...tabs, otherwise: "on", schedule: { from: "2026-06-01T00:00:00Z", until: null } };
    expect(await ask({ fields: later })).toMatchObject({ value: false, reason: "DISABLED", bucket: null });
    expect(await ask({ fields: later, at: "2026-06-01T00:00:00Z" })).toMatchObject({ value: true, reason: "STATIC" });
    const half = { ...tabs, rules: [{ variant: "on", percentage: 50 }] };
    expect(await ask({ fields: half })).toMatchObject({ errorCode: "TARGETING_KEY_MISSING" });
    expect(await ask({ fields: half, tenantId })).toMatchObject({ bucket: expect.any(Number) as number });
    expect((await room.flags.readSet()).revision).toBe(1);
  });

  test("tells how far each instance is, and asks them again at once", async () => {
    await room.addInstance("one");
    await call("create-flag", { body: tabs });
    expect(await call("publish-flags-now")).toMatchObject({ status: 202, body: { instances: [{ state: "behind" }] } });
    await room.applyFlags("one");
    expect((await call("flag-rollout")).body).toMatchObject({ revision: 1, instances: [{ state: "current" }] });
  });

  test("is for operators alone", async () => {
    isOperator = false;
    for (const { name, access } of entries) {
      if (access === "gateway") expect((await call(name, { headers: on(1), body: tabs })).status, name).toBe(403);
    }
    expect((await room.flags.readSet()).revision).toBe(0);
  });
});

describe("contract C5", () => {
  const service = { authorization: "Bearer ksk_good" };
  const apply = (revision: number, flags: readonly unknown[], headers: Record<string, string> = service) =>
    call("apply-flags", { headers, body: { revision, flags } });

  test("takes a newer revision, the same one again, and no older one", async () => {
    expect(await apply(3, [tabs])).toMatchObject({ status: 200, body: { revision: 3 } });
    expect(await apply(3, [tabs])).toMatchObject({ status: 200, body: { revision: 3 } });
    expect(await apply(2, [])).toMatchObject({ status: 409, body: { code: "flags-revision-older", revision: 3 } });
    expect(await apply(3, [])).toMatchObject({ status: 409, body: { code: "conflict", revision: 3 } });
    expect(published).toBe(2);
  });

  test.each([
    [400, 0, [tabs]],
    [400, 1.5, [tabs]],
    [400, 1, [3]],
    [400, 1, [tabs, tabs]],
    [413, 1, [{ ...tabs, description: "x".repeat(600_000) }]],
  ] as const)("refuses with %i what is no set: revision %f", async (status, revision, flags) => {
    expect((await apply(revision, flags)).status).toBe(status);
  });

  test("is for services alone", async () => {
    expect((await apply(1, [tabs], { authorization: "Bearer eyJ" })).status).toBe(401);
    expect((await room.flags.readSet()).revision).toBe(0);
  });
});
