import { createHash } from "node:crypto";
import type { HttpResponseInit } from "@azure/functions";
import type { JWK } from "jose";
import { HttpRequest, InvocationContext } from "@azure/functions";
import { beforeEach, describe, expect, it } from "vitest";
import { sqliteDocumentStore } from "../../shared/adapters/sqlite/document-store.ts";
import type { KitStack, StackRow } from "../../shared/stackkits/kit-stack.ts";
import { blobsOf } from "../../shared/stackkits/kit-index.ts";
import { isSignedBy } from "../../shared/stackkits/sign-archive.ts";
import type { Plan } from "../../shared/tenants/plan.ts";
import { Tenant } from "../../shared/tenants/tenant.ts";
import { withErrorBoundary } from "../http/http-function.ts";
import { kitsFunctions } from "./kits-functions.ts";
import { buildKitServices } from "./kits-services.ts";
import { publishedKits } from "./published-fixture.ts";

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
let now: number;
let shipped: Awaited<ReturnType<typeof publishedKits>>;
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

beforeEach(async () => {
  plan = "free";
  now = Date.parse("2026-02-01");
  far = aStack();
  shipped = await publishedKits();
  services = buildKitServices({
    documents: sqliteDocumentStore(":memory:"),
    clock: () => new Date(now),
    sleep: () => Promise.resolve(),
    openKitStack: () => far.stack,
    pool: { endpoints: () => Promise.resolve({ internalEndpoint: "http://one", publicEndpoint: "http://one" }) },
    kitStorage: shipped.storage,
    kitKeys: shipped.keys,
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
    expect(etag).toBe(`"sha256-${whole.toString("hex")}"`);
    expect(rest.headers.get("repr-digest")).toBe(`sha-256=:${whole.toString("base64")}:`);
    expect(await services.downloadCounts.forTenant(tenantOf().tenantId).read("media", "1.1.0")).toBe(1);
    const headers = { range: "bytes=9000-" };
    expect((await call("download-stackkit", { params: media, headers })).status).toBe(416);
    expect((await call("download-stackkit", { params: media, query: { version: "0.9.0" } })).status).toBe(410);
  });

  it("hands out the signature and the keys that people verify an archive with", async () => {
    const { value } = await call("get-stackkit", { params: media });
    const { keys } = (await call("get-stackkit-keys")).value as { keys: JWK[] };
    const { signature } = value as { signature: string };
    const { bytes: archive } = await call("download-stackkit", { params: media });
    const signed = { id: "media", version: "1.1.0", archive };
    expect(keys).toHaveLength(1);
    expect(await isSignedBy(signed, signature, keys)).toBe(true);
    expect(await isSignedBy({ ...signed, version: "1.0.0" }, signature, keys)).toBe(false);
    archive[archive.length >> 1] = (archive[archive.length >> 1] ?? 0) ^ 1;
    expect(await isSignedBy(signed, signature, keys)).toBe(false);
  });

  it("neither shows nor installs a version whose archive or signature was changed in the store", async () => {
    const names = blobsOf("media", "1.1.0");
    const other = blobsOf("media", "1.0.0");
    for (const blob of ["archive", "signature"] as const) {
      const kept = shipped.blobs.get(names[blob]) ?? new Uint8Array();
      const changed = Uint8Array.from(kept);
      changed[kept.length - 9] = (kept[kept.length - 9] ?? 0) ^ 1;
      for (const bytes of [changed, shipped.blobs.get(other[blob]) ?? changed, new Uint8Array()]) {
        shipped.blobs.set(names[blob], bytes);
        const refused = { status: 503, value: { code: "kit-unverified" } };
        expect(await call("get-stackkit", { params: media })).toMatchObject(refused);
        expect(await call("download-stackkit", { params: media })).toMatchObject(refused);
        expect(await call("install-stackkit", { params: media, body: spec() })).toMatchObject(refused);
      }
      shipped.blobs.set(names[blob], kept);
    }
    expect((await call("install-stackkit", { params: media, body: spec() })).status).toBe(201);
  });

  it("hands out nothing that was changed in the store after it had been verified", async () => {
    const { archive } = blobsOf("media", "1.1.0");
    const download = () => call("download-stackkit", { params: media });
    const good = await download();
    const changed = Uint8Array.from(good.bytes, (byte, index) => (index === 900 ? byte ^ 1 : byte));
    shipped.blobs.set(archive, changed);
    expect(await download()).toMatchObject({ status: 503, value: { code: "kit-unverified" } });
    // The index is made to fit: who can write blobs can write that one too.
    const index = Buffer.from(shipped.blobs.get("index.json") ?? []).toString();
    const [before, after] = [good.bytes, changed].map((bytes) => createHash("sha256").update(bytes).digest("hex"));
    shipped.blobs.set("index.json", Buffer.from(index.replace(before ?? "", after ?? "")));
    now += 6_000;
    expect(await download()).toMatchObject({ status: 503, value: { code: "kit-unverified" } });
    shipped.blobs.set(archive, good.bytes);
    shipped.blobs.set("index.json", Buffer.from(index));
    now += 6_000;
    expect((await download()).bytes.equals(good.bytes)).toBe(true);
  });

  it("says that the index cannot be read, and reads it again", async () => {
    const index = shipped.blobs.get("index.json") ?? new Uint8Array();
    for (const text of ["{", "[]", '{"revision":1,"kits":[{"id":"../up"}]}']) {
      shipped.blobs.set("index.json", Buffer.from(text));
      now += 6_000;
      expect(await call("list-stackkits")).toMatchObject({ status: 503, value: { code: "unavailable" } });
    }
    shipped.blobs.set("index.json", index);
    now += 6_000;
    expect((await call("list-stackkits")).status).toBe(200);
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
    const listed = (await call("list-stackkit-installations", { params: media })).value;
    const [own] = (listed as { installations: { name: string; version: string; spec: string }[] }).installations;
    expect(own).toMatchObject({ name: "films", version: "1.1.0" });
    expect(own?.spec).toContain('PASSWORD: ""');
    expect((await install(own?.spec.replace('PASSWORD: ""', "PASSWORD: s3cret-word") ?? "")).value).toMatchObject({
      ...{ outcome: "unchanged", changes: [] },
    });
    const gone = { params: { id: "media", name: "films" } };
    expect((await call("uninstall-stackkit", gone)).status).toBe(204);
    expect((await call("uninstall-stackkit", gone)).status).toBe(204);
    expect(Object.values(far.rows).map(({ size }) => size)).toEqual([0, 0, 0]);
  });

  it("neither upgrades nor takes away what another kit needs as it is, until something else will do", async () => {
    await install(spec(), { version: "1.0.0" });
    const wiki = { name: "wiki", kit: "wiki", version: "2.0.0", dependencies: [{ id: "media", range: "~1.0.0" }] };
    const rest = { state: "written", parameters: {}, ports: {}, services: [], serviceIds: [], secretIds: [] };
    const row = { id: "wiki", spec: { ...wiki, ...rest, compose: "", requestedBy: "u", idempotency: null } };
    far.rows.deployments.set("wiki", row);
    const refused = await install(spec());
    expect(refused).toMatchObject({ status: 422, value: { findings: [{ rule: "spec/version-needed" }] } });
    expect(JSON.stringify(refused.value)).toContain("wiki needs media ~1.0.0");
    const gone = { params: { id: "media", name: "films" } };
    expect(await call("uninstall-stackkit", gone)).toMatchObject({ status: 409, value: { code: "conflict" } });
    const second = spec().replace("films", "more").concat("ports:\n  web: 9090\n");
    expect((await install(second, { version: "1.0.0" })).status).toBe(201);
    expect((await install(spec())).status).toBe(200);
    expect((await call("uninstall-stackkit", gone)).status).toBe(204);
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
