import { createHash } from "node:crypto";
import type { HttpResponseInit } from "@azure/functions";
import { HttpRequest, InvocationContext } from "@azure/functions";
import { beforeEach, describe, expect, it } from "vitest";
import { sqliteDocumentStore } from "../../shared/adapters/sqlite/document-store.ts";
import type { KitStack, StackRow } from "../../shared/stackkits/kit-stack.ts";
import { blobsOf, indexBlob } from "../../shared/stackkits/kit-index.ts";
import { Kit } from "../../shared/stackkits/kit.ts";
import type { Plan } from "../../shared/tenants/plan.ts";
import { Tenant } from "../../shared/tenants/tenant.ts";
import { withErrorBoundary } from "../http/http-function.ts";
import { kitsFunctions } from "./kits-functions.ts";
import { buildKitServices } from "./kits-services.ts";

const archive = new Uint8Array(5000).map((_, index) => index % 251);
const sha256 = createHash("sha256").update(archive).digest("hex");

const aKit = (id: string, version: string, minPlan: Plan, services: readonly string[]): Kit =>
  Kit.parse({
    ...{ id, version, minPlan, name: `The ${id}`, summary: "Something useful.", categories: ["media"], licence: "MIT" },
    maintainers: [{ name: "kombify" }],
    architectures: ["amd64"],
    requirements: { memoryMegabytes: 100, diskMegabytes: 100 },
    parameters: [
      { name: "TITLE", type: "string", label: "Title", required: true, default: "Films" },
      { name: "PASSWORD", type: "secret", label: "Password" },
    ],
    services: services.map((name) => ({ name, image: "nginx:1.27.0", summary: "Serves." })),
    ports: [{ name: "web", service: services[0], number: 8080, container: 80 }],
    changelog: [
      { version, date: "2026-01-02", added: ["More."] },
      { version: "0.9.0", date: "2026-01-01", added: ["Much."] },
    ],
  });

const published = [
  { kit: aKit("media", "1.1.0", "free", ["web"]), yankedAt: null },
  { kit: aKit("media", "1.0.0", "free", ["web", "worker"]), yankedAt: null },
  { kit: aKit("media", "0.9.0", "free", ["web"]), yankedAt: "2026-01-03T00:00:00.000Z" },
  { kit: aKit("photos", "1.0.0", "pro", ["web"]), yankedAt: null },
];

const blobs = (): ReadonlyMap<string, Uint8Array> => {
  const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  const rest = { compose: "services: {}", readme: "# Read", icon: "<svg/>", images: [], files: [] };
  const kits = [...new Set(published.map(({ kit }) => kit.id))].map((id) => {
    const own = published.filter(({ kit }) => kit.id === id);
    const { name = "", summary = "", minPlan = "free", categories = [] } = own[0]?.kit ?? {};
    const versions = own.map(({ kit: { version }, yankedAt }) => ({
      ...{ version, yankedAt, publishedAt: "2026-01-02T00:00:00.000Z", sizeBytes: archive.length, sha256 },
      ...blobsOf(id, version),
    }));
    return { id, name, summary, minPlan, categories, versions };
  });
  return new Map([
    [indexBlob, encode({ revision: 1, kits })],
    ...published.map(({ kit }) => [blobsOf(kit.id, kit.version).manifest, encode({ kit, ...rest })] as const),
    ...published.map(({ kit }) => [blobsOf(kit.id, kit.version).archive, archive] as const),
  ]);
};

/** A Stack's rows, by collection; `writesLeft` is after how many writes the process is killed. */
const aStack = () => {
  const none = () => new Map<string, StackRow>();
  const rows = { deployments: none(), services: none(), secrets: none() };
  let writesLeft = Infinity;
  const spend = (): void => {
    if (writesLeft === 0) throw new Error("killed");
    writesLeft -= 1;
  };
  const stack: KitStack = {
    read: () =>
      Promise.resolve({
        nodes: [],
        services: [...rows.services.values()],
        deployments: [...rows.deployments.values()],
      }),
    put: async (base, id, members) => {
      await Promise.resolve();
      spend();
      rows[base].set(id, { ...rows[base].get(id), ...members, id });
    },
    remove: async (base, id) => {
      await Promise.resolve();
      spend();
      rows[base].delete(id);
    },
  };
  return { rows, stack, killAfter: (writes: number) => (writesLeft = writes) };
};

let plan: Plan;
let far: ReturnType<typeof aStack>;
let services: ReturnType<typeof buildKitServices>;
let entries: ReturnType<typeof kitsFunctions>;

const tenantOf = (): Tenant =>
  Tenant.parse({
    ...{ id: "tenant", type: "tenant", tenantId: `t${"0".repeat(31)}`, orgId: "acme", slug: "acme", namespace: "acme" },
    ...{ name: "Acme", plan, status: "active", operationId: "o", idempotency: null, createdBy: "u", sortKey: "1" },
    ...{ createdAt: "2026-01-01T00:00:00.000Z" },
    placement: { instanceId: "one", pool: "p", claimId: "c", state: "active" },
  });

beforeEach(() => {
  plan = "free";
  far = aStack();
  const kept = blobs();
  services = buildKitServices({
    documents: sqliteDocumentStore(":memory:"),
    clock: () => new Date(),
    openKitStack: () => far.stack,
    pool: { endpoints: () => Promise.resolve({ internalEndpoint: "http://one", publicEndpoint: "http://one" }) },
    kitStorage: {
      read: (name) => {
        const bytes = kept.get(name);
        return Promise.resolve(bytes === undefined ? undefined : { bytes, etag: '"1"' });
      },
      stream: (name, { range = { start: 0, end: archive.length - 1 } } = {}) => {
        const body = new Blob([Buffer.from(kept.get(name) ?? []).subarray(range.start, range.end + 1)]).stream();
        return Promise.resolve({ body, sizeBytes: archive.length });
      },
      create: () => Promise.resolve("exists"),
      replaceIndex: () => Promise.resolve(undefined),
    },
  });
  entries = kitsFunctions({
    ...services,
    publicBaseUrl: "http://kombify.test",
    readCaller: () => Promise.resolve({ sub: "u", orgId: "acme", isOrganisationAdmin: true, isOperator: false }),
    findTenant: () => Promise.resolve({ tenant: tenantOf() }),
  });
});

interface Asked {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const readAnswer = async ({ status = 200, headers, body }: HttpResponseInit) => {
  const response = new Response(status === 204 || status === 304 ? null : ((body as BodyInit | undefined) ?? null), {
    headers: new Headers(headers),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const isJson = response.headers.get("content-type")?.includes("json") === true && bytes.length > 0;
  return { headers: response.headers, bytes, value: isJson ? (JSON.parse(bytes.toString()) as unknown) : undefined };
};

const call = async (name: string, { params = {}, query = {}, headers = {}, body }: Asked = {}) => {
  const entry = entries.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new Error(`There is no entry ${name}.`);
  const request = new HttpRequest({
    ...{ method: entry.method, url: "http://kombify.test/", params, query, headers },
    ...(body === undefined ? {} : { body: { string: body } }),
  });
  const answer = await withErrorBoundary(entry)(request, new InvocationContext({ logHandler: () => undefined }));
  return { status: answer.status, ...(await readAnswer(answer)) };
};

const media = { id: "media" };
const spec = (title = "Films"): string => `name: films\nparameters:\n  TITLE: ${title}\n  PASSWORD: s3cret-word\n`;

describe("reading kits", () => {
  it("lists what is locked with the plan it needs, in pages", async () => {
    const first = await call("list-stackkits", { query: { limit: "1" } });
    expect(first.value).toMatchObject({ total: 2, kits: [{ id: "media", version: "1.1.0", requiredPlan: null }] });
    const { next: cursor } = first.value as { next: string };
    const second = await call("list-stackkits", { query: { limit: "1", cursor } });
    expect(second.value).toMatchObject({ next: null, kits: [{ id: "photos", requiredPlan: "pro" }] });
    const headers = { "if-none-match": first.headers.get("etag") ?? "" };
    expect((await call("list-stackkits", { query: { limit: "1" }, headers })).status).toBe(304);
    expect((await call("list-stackkits", { query: { cursor: "?" } })).status).toBe(400);
    expect((await call("list-stackkits", { query: { q: "photos use" } })).value).toMatchObject({ total: 1 });
  });

  it("says what changed since a version, and that others are not there", async () => {
    const asked = await call("get-stackkit", { params: media, query: { from: "1.0.0" } });
    expect(asked.value).toMatchObject({ readme: "# Read", changes: [{ version: "1.1.0", added: ["More."] }] });
    expect(await call("get-stackkit", { params: { id: "none" } })).toMatchObject({ status: 404 });
    expect(await call("get-stackkit", { params: media, query: { version: "7.0.0" } })).toMatchObject({ status: 404 });
  });

  it("hands out an archive in parts that make the right whole, once counted", async () => {
    const start = await call("download-stackkit", { params: media, headers: { range: "bytes=0-1999" } });
    const etag = start.headers.get("etag") ?? "";
    const rest = await call("download-stackkit", {
      params: media,
      headers: { range: "bytes=2000-", "if-range": etag },
    });
    expect([start.status, rest.status]).toEqual([206, 206]);
    const whole = createHash("sha256").update(start.bytes).update(rest.bytes).digest();
    expect(whole.toString("hex")).toBe(sha256);
    expect(rest.headers.get("repr-digest")).toBe(`sha-256=:${whole.toString("base64")}:`);
    expect(await services.downloadCounts.forTenant(tenantOf().tenantId).read("media", "1.1.0")).toBe(1);
    const headers = { range: "bytes=9000-" };
    expect((await call("download-stackkit", { params: media, headers })).status).toBe(416);
    expect((await call("download-stackkit", { params: media, query: { version: "0.9.0" } })).status).toBe(410);
  });

  it("refuses what the plan lacks, until the tenant has it", async () => {
    const refused = await call("download-stackkit", { params: { id: "photos" } });
    expect(refused).toMatchObject({ status: 403, value: { code: "plan-required", requiredPlan: "pro" } });
    plan = "pro";
    expect((await call("download-stackkit", { params: { id: "photos" } })).status).toBe(200);
  });
});

describe("installing kits", () => {
  const install = (body: string, query: Readonly<Record<string, string>> = {}, headers = {}) =>
    call("install-stackkit", { params: media, query, body, headers });

  it("installs, finds the same again, upgrades and uninstalls; secrets lie in secrets alone", async () => {
    const dry = await install(spec(), { version: "1.0.0", dryRun: "true" });
    expect([dry.status, far.rows.deployments.size]).toEqual([200, 0]);
    expect((await install(spec(), { version: "1.0.0" })).status).toBe(201);
    expect([far.rows.services.size, far.rows.secrets.size]).toEqual([2, 1]);
    expect((await install(spec(), { version: "1.0.0" })).value).toMatchObject({ outcome: "unchanged", changes: [] });
    expect((await install(spec())).value).toMatchObject({ outcome: "changed", version: "1.1.0" });
    expect(far.rows.services.size).toBe(1);
    expect(JSON.stringify([...far.rows.deployments.values()])).not.toContain("s3cret-word");
    const gone = { params: { id: "media", name: "films" } };
    expect((await call("uninstall-stackkit", gone)).status).toBe(204);
    expect((await call("uninstall-stackkit", gone)).status).toBe(204);
    expect(Object.values(far.rows).map(({ size }) => size)).toEqual([0, 0, 0]);
  });

  it("is completed by the next request wherever it was killed", async () => {
    for (let writes = 0; writes < 8; writes += 1) {
      far = aStack();
      await install(spec(), { version: "1.0.0" });
      far.killAfter(writes);
      await install(spec("Series"));
      far.killAfter(Infinity);
      expect((await install(spec("Series"))).status).toBe(200);
      const [deployment] = far.rows.deployments.values();
      expect(deployment).toMatchObject({
        kitVersion: "1.1.0",
        spec: { state: "written", serviceIds: [expect.any(String)] },
      });
      expect([far.rows.deployments.size, far.rows.services.size, far.rows.secrets.size]).toEqual([1, 1, 1]);
    }
  });

  it("refuses a key with another request, and a spec that is wrong with its findings", async () => {
    const key = { "idempotency-key": "one" };
    await install(spec(), {}, key);
    expect((await install(spec("Other"), {}, key)).value).toMatchObject({ code: "idempotency-key-reused" });
    const wrong = await install("name: Films!\n");
    expect(wrong.status).toBe(422);
    expect(wrong.value).toMatchObject({ code: "kit-spec-invalid", findings: [{ line: 1, column: 7 }, {}, {}] });
    const checked = await call("validate-stackkit", { params: media, body: "name: Films!\n" });
    expect(checked).toMatchObject({ status: 200, value: { isValid: false } });
    expect((await call("validate-stackkit", { params: media, body: "a".repeat(1_100_000) })).status).toBe(413);
  });
});
