import type { Server } from "node:http";
import { createServer } from "node:http";
import { HttpRequest, InvocationContext } from "@azure/functions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withErrorBoundary } from "../../functions/http/http-function.ts";
import { kitTrialFunctions } from "../../functions/stackkits/kit-trials.http.ts";
import { publishedKits } from "../../functions/stackkits/published-fixture.ts";
import { sqliteDocumentStore } from "../../shared/adapters/sqlite/document-store.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import { openKitTrials } from "../../shared/stackkits/kit-trials.ts";
import { makePublishedKits } from "../../shared/stackkits/published-kits.ts";
import { Tenant } from "../../shared/tenants/tenant.ts";
import { aStanding } from "../../tests/support/sim-host.ts";
import type { KitCatalogue } from "../trials/ports.ts";
import type { Trial } from "../trials/trial.ts";
import { makeKitCatalogue } from "./kit-catalogue.ts";

const acme = Tenant.parse({
  ...{ id: "tenant", type: "tenant", tenantId: "acme", orgId: "acme", slug: "acme", namespace: "acme", name: "Acme" },
  ...{ plan: "free", status: "active", operationId: "o", idempotency: null, createdBy: "u", sortKey: "1" },
  ...{ createdAt: "2026-01-01T00:00:00.000Z", placement: null },
});
const serviceKey = "ksk_good";

/** The entries themselves, on a real server: what they say is what the host reads. */
const serve = async (): Promise<{ server: Server; kitTrials: ReturnType<typeof openKitTrials> }> => {
  const { storage, keys } = await publishedKits();
  const kitTrials = openKitTrials(sqliteDocumentStore(":memory:"));
  const refuse = (): Promise<never> => Promise.reject(new DomainError("unauthenticated", "No."));
  const entries = kitTrialFunctions({
    ...{ kitTrials, newSecret: () => "made-up", publicBaseUrl: "http://kombify.test" },
    publishedKits: makePublishedKits({ storage, keys, clock: () => new Date() }),
    readTenant: (tenantId) => Promise.resolve(tenantId === "acme" ? acme : undefined),
    requireService: ({ headers }) =>
      headers.get("authorization") === `Bearer ${serviceKey}` ? Promise.resolve() : refuse(),
    ...{ readCaller: refuse, findTenant: refuse },
  });
  const answerTo = async (method: string, url: URL, headers: Record<string, string>, body: string) => {
    const path = /^\/api\/internal\/stackkits\/([^/]+)\/(recipe|trials)$/.exec(url.pathname);
    const entry = entries.find((one) => one.method === method && one.route.endsWith(`/${path?.[2] ?? "none"}`));
    if (entry === undefined) throw new Error(`There is no entry ${method} ${url.pathname}.`);
    const params = { id: decodeURIComponent(path?.[1] ?? "") };
    const query = Object.fromEntries(url.searchParams);
    const sent = body === "" ? {} : { body: { string: body } };
    const request = new HttpRequest({ method, url: url.href, params, query, headers, ...sent });
    return withErrorBoundary(entry)(request, new InvocationContext({ logHandler: () => undefined }));
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const url = new URL(request.url ?? "/", "http://kombify.test");
      void answerTo(request.method ?? "GET", url, headers, Buffer.concat(chunks).toString()).then((answer) => {
        response.writeHead(answer.status ?? 200, Object.fromEntries(new Headers(answer.headers)));
        response.end(typeof answer.body === "string" ? answer.body : undefined);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, kitTrials };
};

let far: Awaited<ReturnType<typeof serve>>;
let catalogue: KitCatalogue;
const urlOf = (server: Server): string => {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
};
const catalogueOf = (key: string): KitCatalogue =>
  makeKitCatalogue({ functionsUrl: urlOf(far.server), serviceKey: () => Promise.resolve(key) });

beforeEach(async () => {
  far = await serve();
  catalogue = catalogueOf(serviceKey);
});
afterEach(() => {
  far.server.close();
  far.server.closeAllConnections();
});

const aTrial = async (change: Partial<Trial> = {}): Promise<Trial> => ({
  ...{ tenantId: "acme", id: "trial-aaaaaaaaaaaaaaaaaaaa", standing: aStanding("acme"), madeOf: "x" },
  kit: (await catalogue.recipe("acme", "media", undefined)).kit,
  images: [{ service: "web", name: "nginx", imageId: "sha256:12" }],
  ...{
    startedAt: "2026-12-01T10:00:00.000Z",
    simulationId: "sim-a",
    runsBegun: 1,
    reportsFailed: 0,
    status: "unreported",
    isStopped: true,
  },
  result: {
    status: "failed",
    reason: "web: no answer",
    endedAt: "2026-12-01T10:01:00.000Z",
    runId: "run-a",
    assertions: [],
  },
  ...change,
});

describe("the control plane's kits", () => {
  it("are given as recipes, the newest version or a named one", async () => {
    expect(await catalogue.recipe("acme", "media", undefined)).toMatchObject({ kit: { version: "1.1.0" } });
    expect(await catalogue.recipe("acme", "media", "1.0.0")).toMatchObject({
      ...{ kit: { id: "media", version: "1.0.0" }, ports: [{ name: "web", service: "web", number: 80 }] },
    });
  });

  it.each([
    ["photos", undefined, { code: "plan-required", facts: { requiredPlan: "pro" } }],
    ["media", "0.9.0", { code: "kit-version-yanked", facts: { yankedAt: "2026-01-03T00:00:00.000Z" } }],
    ["none", undefined, { code: "kit-not-found" }],
    ["../users", undefined, { code: "kit-not-found" }],
  ])("are refused with its own words: %s %s", async (kit, version, refusal) => {
    await expect(catalogue.recipe("acme", kit, version)).rejects.toMatchObject(refusal);
  });

  it("cannot be asked for with a key that is not good, or when nobody answers", async () => {
    await expect(catalogueOf("ksk_bad").recipe("acme", "media", undefined)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("status 401") as string,
    });
    const trial = await aTrial();
    far.server.close();
    far.server.closeAllConnections();
    await expect(catalogue.recipe("acme", "media", undefined)).rejects.toMatchObject({ code: "unavailable" });
    await expect(catalogue.report(trial)).rejects.toMatchObject({ code: "unavailable" });
  });

  it("are told what a trial came to, as often as one likes", async () => {
    const trial = await aTrial();
    expect([await catalogue.report(trial), await catalogue.report(trial)]).toEqual([true, true]);
    expect(
      await far.kitTrials.forTenant("acme").newest("media", { version: "1.1.0", sha256: trial.kit.sha256 }),
    ).toMatchObject({
      ...{ id: trial.id, status: "failed", reason: "web: no answer", runId: "run-a", simulationId: "sim-a" },
    });
  });

  it.each([
    [404, "<html>no such page</html>"],
    [404, "{}"],
    [404, JSON.stringify({ code: "kit-not-found" })],
    [409, ""],
    [413, JSON.stringify({ error: "too large" })],
    [503, JSON.stringify({ code: "unavailable" })],
  ])("are asked again after %s %s, which are not their last word", async (status, body) => {
    const trial = await aTrial();
    const other = createServer((_request, response) => response.writeHead(status).end(body));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const asked = makeKitCatalogue({ functionsUrl: urlOf(other), serviceKey: () => Promise.resolve(serviceKey) });
    await expect(asked.report(trial)).rejects.toMatchObject({ code: "unavailable" });
    other.close();
    other.closeAllConnections();
  });

  it("say when they will never take it", async () => {
    const { kit } = await aTrial();
    expect(await catalogue.report(await aTrial({ kit: { ...kit, sha256: "0".repeat(64) } }))).toBe(false);
    expect(await catalogue.report(await aTrial({ tenantId: "gone" }))).toBe(false);
    await expect(catalogueOf("ksk_bad").report(await aTrial())).rejects.toMatchObject({ code: "unavailable" });
  });
});
