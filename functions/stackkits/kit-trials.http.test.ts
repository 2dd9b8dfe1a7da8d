import { HttpRequest, InvocationContext } from "@azure/functions";
import { beforeEach, describe, expect, it } from "vitest";
import { sqliteDocumentStore } from "../../shared/adapters/sqlite/document-store.ts";
import type { DocumentStore } from "../../shared/documents/document-store.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import { KitTrial, openKitTrials } from "../../shared/stackkits/kit-trials.ts";
import { makePublishedKits } from "../../shared/stackkits/published-kits.ts";
import type { Plan } from "../../shared/tenants/plan.ts";
import { Tenant } from "../../shared/tenants/tenant.ts";
import { withErrorBoundary } from "../http/http-function.ts";
import { kitTrialFunctions } from "./kit-trials.http.ts";
import { publishedKits } from "./published-fixture.ts";

const tenantOf = (tenantId: string, plan: Plan): Tenant =>
  Tenant.parse({
    ...{ id: "tenant", type: "tenant", tenantId, orgId: tenantId, slug: tenantId, namespace: tenantId },
    ...{ name: "Acme", plan, status: "active", operationId: "o", idempotency: null, createdBy: "u", sortKey: "1" },
    ...{ createdAt: "2026-01-01T00:00:00.000Z", placement: null },
  });
const tenants = new Map([
  ["acme", tenantOf("acme", "free")],
  ["globex", tenantOf("globex", "pro")],
]);

let entries: ReturnType<typeof kitTrialFunctions>;
let given: { documents: DocumentStore };
let caller: string;
let sha256: string;

beforeEach(async () => {
  const { storage, keys } = await publishedKits();
  const kits = makePublishedKits({ storage, keys, clock: () => new Date() });
  sha256 = (await kits.find("media")).version.sha256;
  caller = "acme";
  given = { documents: sqliteDocumentStore(":memory:") };
  entries = kitTrialFunctions({
    publishedKits: kits,
    kitTrials: openKitTrials(given.documents),
    readTenant: (tenantId) => Promise.resolve(tenants.get(tenantId)),
    newSecret: () => "made-up",
    publicBaseUrl: "http://kombify.test",
    requireService: ({ headers }) =>
      headers.get("authorization") === "Bearer ksk_good"
        ? Promise.resolve()
        : Promise.reject(new DomainError("unauthenticated", "No.")),
    readCaller: () => Promise.resolve({ sub: "u", orgId: caller, isOrganisationAdmin: true, isOperator: false }),
    findTenant: ({ orgId }) => {
      const tenant = tenants.get(orgId ?? "");
      return tenant === undefined ? Promise.reject(new Error("none")) : Promise.resolve({ tenant });
    },
  });
});

interface Asked {
  readonly id?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly key?: string;
}

const call = async (name: string, { id = "media", query = {}, body, key = "ksk_good" }: Asked = {}) => {
  const entry = entries.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new Error(`There is no entry ${name}.`);
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const request = new HttpRequest({
    ...{ method: entry.method, url: "http://kombify.test/", params: { id }, query, headers },
    ...(body === undefined ? {} : { body: { string: JSON.stringify(body) } }),
  });
  const answer = await withErrorBoundary(entry)(request, new InvocationContext({ logHandler: () => undefined }));
  const text = typeof answer.body === "string" ? answer.body : "";
  return { status: answer.status, value: text === "" ? undefined : (JSON.parse(text) as unknown) };
};

const aTrial = (change: object = {}) => ({
  ...{ id: "trial-aaaaaaaaaaaaaaaaaaaa", sha256, status: "passed" },
  ...{ startedAt: "2026-12-01T10:00:00.000Z", endedAt: "2026-12-01T10:01:00.000Z" },
  ...{ simulationId: "sim-a", runId: "run-a", images: [{ service: "web", imageId: "sha256:12" }] },
  assertions: [{ name: "web answers", verdict: "passed", reason: "It was reached." }],
  ...change,
});
const keep = (change: object = {}, tenantId = "acme") =>
  call("keep-stackkit-trial", { body: { tenantId, version: "1.1.0", trial: aTrial(change) } });
const list = () => call("list-stackkit-trials");

describe("recipes of trials", () => {
  it("are given to services, for tenants whose plan has the kit", async () => {
    const found = await call("get-stackkit-recipe", { query: { tenant: "acme" } });
    expect(found).toMatchObject({
      status: 200,
      value: { kit: { id: "media", version: "1.1.0", sha256 }, services: [{ image: "nginx:1.27.0" }] },
    });
    const locked = { id: "photos", query: { tenant: "acme" } };
    expect(await call("get-stackkit-recipe", locked)).toMatchObject({
      status: 403,
      value: { code: "plan-required", requiredPlan: "pro" },
    });
    expect((await call("get-stackkit-recipe", { id: "photos", query: { tenant: "globex" } })).status).toBe(200);
  });

  it.each([
    ["nobody without a key", { query: { tenant: "acme" }, key: "ksk_bad" }, 401],
    ["unknown tenants", { query: { tenant: "nobody" } }, 404],
    ["unknown kits", { id: "none", query: { tenant: "acme" } }, 404],
    ["versions that were withdrawn", { query: { tenant: "acme", version: "0.9.0" } }, 410],
    ["no tenant at all", {}, 400],
  ])("refuse %s", async (_what, asked, status) => {
    expect((await call("get-stackkit-recipe", asked)).status).toBe(status);
  });
});

describe("results of trials", () => {
  it("prove a version for everybody when they passed, and are otherwise their tenant's alone", async () => {
    expect((await list()).value).toEqual({ version: "1.1.0", proof: null, own: null });
    expect((await keep({ status: "failed", reason: "web: nothing answered." })).status).toBe(204);
    expect((await list()).value).toMatchObject({ proof: null, own: { status: "failed" } });
    expect((await keep({ endedAt: "2026-12-01T11:00:00.000Z" }, "globex")).status).toBe(204);
    const seen = (await list()).value;
    expect(seen).toMatchObject({ proof: { sha256, endedAt: "2026-12-01T11:00:00.000Z" }, own: { status: "failed" } });
    expect(JSON.stringify((seen as { proof: unknown }).proof)).not.toMatch(/globex|sim-a|run-a|trial-/);
    caller = "globex";
    expect((await list()).value).toMatchObject({ own: { status: "passed", simulationId: "sim-a" } });
  });

  it("may be said again, in any order: the newest counts", async () => {
    await keep({ endedAt: "2026-12-01T12:00:00.000Z" });
    await keep({ endedAt: "2026-12-01T12:00:00.000Z" });
    await keep({ endedAt: "2026-12-01T11:00:00.000Z", status: "failed", reason: "Old." });
    expect((await list()).value).toMatchObject({ own: { status: "passed", endedAt: "2026-12-01T12:00:00.000Z" } });
    await keep({ endedAt: "2026-12-01T13:00:00.000Z", status: "failed", reason: "New." });
    expect((await list()).value).toMatchObject({
      proof: { endedAt: "2026-12-01T12:00:00.000Z" },
      own: { status: "failed", reason: "New." },
    });
  });

  it("say nothing about another archive that is published under the same version now", async () => {
    const { documents } = given;
    await openKitTrials(documents)
      .forTenant("acme")
      .keep("media", "1.1.0", KitTrial.parse(aTrial({ sha256: "0".repeat(64) })));
    expect((await list()).value).toMatchObject({ proof: null, own: null });
    // Even when the host that tried the old one had a clock that was ahead.
    await keep({ endedAt: "2026-01-01T00:00:00.000Z", startedAt: "2026-01-01T00:00:00.000Z" });
    expect((await list()).value).toMatchObject({ proof: { sha256 }, own: { sha256 } });
  });

  it("survive that many say them at once", async () => {
    const ends = Array.from({ length: 4 }, (_, n) => `2026-12-01T1${n}:00:00.000Z`);
    const answers = await Promise.all(ends.map((endedAt) => keep({ endedAt })));
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 204]);
    expect((await list()).value).toMatchObject({ proof: { endedAt: ends[3] }, own: { endedAt: ends[3] } });
  });

  it("are refused of another archive, from unknown services and in another form", async () => {
    expect(await keep({ sha256: "0".repeat(64) })).toMatchObject({ status: 409, value: { code: "conflict" } });
    expect((await keep({ status: "splendid" })).status).toBe(400);
    expect((await keep({}, "nobody")).status).toBe(404);
    const body = { tenantId: "acme", version: "1.1.0", trial: aTrial() };
    expect((await call("keep-stackkit-trial", { body, key: "ksk_bad" })).status).toBe(401);
    expect((await call("keep-stackkit-trial", { body, id: "none" })).status).toBe(404);
    expect((await list()).value).toMatchObject({ proof: null, own: null });
  });
});
