import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import azure from "@azure/functions";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aCaller } from "../../tests/support/builders.ts";
import { fileSecretStore } from "../../shared/adapters/files/secret-store.ts";
import { sqliteDocumentStore } from "../../shared/adapters/sqlite/document-store.ts";
import type { Tenant } from "../../shared/tenants/tenant.ts";
import { tenantIdOf } from "../../shared/tenants/tenant.ts";
import { openTenantStore } from "../../shared/tenants/tenant-store.ts";
import type { DescribedPerson } from "../../shared/users/describe-user.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { withErrorBoundary } from "../http/http-function.ts";
import { operatorOnly } from "../http/read-caller.ts";
import { getUserHttp } from "./get-user.http.ts";
import { addServiceKeyHttp, removeServiceKeyHttp } from "./service-keys.http.ts";
import { buildUserServices } from "./user-services.ts";

const acme = "300000000000000101";
const globex = "300000000000000102";
const ada: DescribedPerson = {
  id: "ada",
  email: "ada@acme.example",
  name: "Ada",
  orgId: acme,
  isOrganisationAdmin: true,
};

const tenantOf = (orgId: string, change: Partial<Tenant> = {}): Tenant => ({
  ...{ id: "tenant", type: "tenant", tenantId: tenantIdOf(orgId), orgId, slug: `slug-${orgId}`, namespace: "n1" },
  ...{ name: "Acme", plan: "free", status: "active", placement: null, operationId: "o1", idempotency: null },
  ...{ createdBy: "ada", createdAt: "2026-01-01T00:00:00.000Z", sortKey: `2026#${orgId}` },
  ...change,
});

/** Of all worlds: no two keys are alike. */
let made = 0;

const setUp = (directory: string, isOperator = true) => {
  let now = Date.UTC(2026, 0, 1);
  const people = new Map<string, DescribedPerson>([[ada.id, ada]]);
  const tenants = openTenantStore(sqliteDocumentStore(":memory:"));
  const logged: unknown[] = [];
  const note = (...line: unknown[]): void => void logged.push(line);
  const services = buildUserServices({
    findPerson: (sub) => Promise.resolve(people.get(sub)),
    findTenant: async (tenantId) => (await tenants.forTenant(tenantId).read())?.value,
    secrets: fileSecretStore(directory),
    newSecret: () => `secret-${String((made += 1))}`,
    clock: () => new Date(now),
    log: { info: note, warn: note, error: note },
  });
  const readOperator = operatorOnly(() => Promise.resolve(aCaller({ isOperator })));
  const deps = { ...services, readOperator };
  const entries = { get: getUserHttp(deps), add: addServiceKeyHttp(deps), remove: removeServiceKeyHttp(deps) };
  const advance = (seconds: number): number => (now += seconds * 1000);
  return { ...services, entries, people, tenants, logged, advance };
};

interface Sent {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
}

const call = async (entry: HttpFunction, { params = {}, query = {}, headers = {} }: Sent = {}) => {
  const url = `http://functions.internal/${entry.route}`;
  const request = new azure.HttpRequest({ method: entry.method, url, params, query, headers });
  const answer = await withErrorBoundary(entry)(request, new azure.InvocationContext());
  const text = typeof answer.body === "string" ? answer.body : "{}";
  const sent = answer.headers as Record<string, string> | undefined;
  return { status: answer.status, headers: sent ?? {}, body: JSON.parse(text) as Record<string, unknown> };
};

let directory = "";
let world: ReturnType<typeof setUp>;
let key = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "kombify-service-keys-"));
  world = setUp(directory);
  await call(world.entries.add);
  key = await readFile(join(directory, "service-key-a"), "utf8");
  await world.tenants.forTenant(tenantIdOf(acme)).create(tenantOf(acme));
  await world.tenants.forTenant(tenantIdOf(globex)).create(tenantOf(globex, { name: "Globex", plan: "pro" }));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const get = (sub: string, query: Record<string, string> = { organisation: acme }, headers = {}) =>
  call(world.entries.get, { params: { sub }, query, headers: { authorization: `Bearer ${key}`, ...headers } });

describe("GET /api/internal/users/{sub}", () => {
  test("says who somebody is, what the organisation lets them do, and what its plan allows", async () => {
    const { status, headers, body } = await get("ada");
    expect(status).toBe(200);
    expect(headers).toMatchObject({ "cache-control": "private, no-cache" });
    expect(body).toEqual({
      id: "ada",
      email: "ada@acme.example",
      name: "Ada",
      status: "active",
      organisation: { id: acme },
      roles: ["admin"],
      tenant: { id: tenantIdOf(acme), slug: `slug-${acme}`, name: "Acme", status: "active" },
      plan: "free",
      limits: { maxUsers: 5, maxNodes: 3, maxServices: 10, maxSimulations: 1, storageMegabytesMax: 250 },
    });
  });

  test("tells of one organisation only: a grant in another one opens that one, with its own roles and plan", async () => {
    expect(await get("ada", { organisation: globex })).toMatchObject({ status: 404, body: { code: "not-found" } });
    const grants = [
      { orgId: acme, roles: ["admin", "member"] },
      { orgId: globex, roles: ["member"] },
    ];
    world.people.set("ada", { ...ada, grants });
    const foreign = await get("ada", { organisation: globex });
    expect(foreign.body).toMatchObject({ organisation: { id: globex }, roles: ["member"], plan: "pro" });
    expect(JSON.stringify(foreign.body)).not.toContain(acme);
    expect((await get("ada")).body).toMatchObject({ roles: ["admin", "member"], plan: "free" });
  });

  test("answers alike for nobody and for somebody of another organisation", async () => {
    const [nobody, foreign, odd] = [await get("nobody"), await get("ada", { organisation: globex }), await get("../x")];
    expect(nobody).toEqual(foreign);
    expect(odd).toEqual(foreign);
  });

  test.each([
    [{ status: "deactivated" }, "deactivated"],
    [{ status: "removed" }, "removed"],
    [{ status: "active", wasGranted: true, grants: [] }, "withdrawn"],
  ] as const)("%j: no roles", async (change, status) => {
    world.people.set("ada", { ...ada, ...change });
    expect((await get("ada")).body).toMatchObject({ status, roles: [] });
  });

  test("an organisation without a tenant, or with one that was given up, has neither plan nor limits", async () => {
    world.people.set("eve", { id: "eve", orgId: "300", isOrganisationAdmin: false });
    const none = { tenant: null, plan: null, limits: null };
    expect((await get("eve", { organisation: "300" })).body).toMatchObject({ email: null, name: null, ...none });
    await world.tenants.forTenant(tenantIdOf("300")).create(tenantOf("300", { status: "cancelled" }));
    expect((await get("eve", { organisation: "300" })).body).toMatchObject(none);
  });

  test("is asked again with If-None-Match: 304 until something has changed", async () => {
    const etag = (await get("ada")).headers["etag"] ?? "";
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    for (const tags of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const again = await get("ada", { organisation: acme }, { "if-none-match": tags });
      expect(again).toMatchObject({ status: 304, headers: { etag }, body: {} });
    }
    const one = world.tenants.forTenant(tenantIdOf(acme));
    const stored = await one.read();
    await one.replace({ ...tenantOf(acme), plan: "pro" }, stored?.etag ?? "");
    const changed = await get("ada", { organisation: acme }, { "if-none-match": etag });
    expect(changed).toMatchObject({ status: 200, body: { plan: "pro", limits: { maxNodes: 25 } } });
    expect(changed.headers["etag"]).not.toBe(etag);
  });

  test.each([{}, { organisation: "" }, { organisation: "a,b" }, { organisation: acme, org: globex }])(
    "refuses the query %j",
    async (query) => {
      expect(await get("ada", query)).toMatchObject({ status: 400, body: { code: "invalid-input" } });
    },
  );

  test.each(["", "Bearer", "Bearer ksk_wrong", "Basic a2V5", "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln", `ksk_secret-1`])(
    "refuses the credentials %j before it looks at anything else",
    async (authorization) => {
      const answered = await get("ada", {}, { authorization });
      expect(answered).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
      expect(JSON.stringify([answered, world.logged])).not.toContain(key);
    },
  );
});

describe("service keys", () => {
  const ask = async (bearer: string): Promise<number | undefined> =>
    (await get("ada", { organisation: acme }, { authorization: `Bearer ${bearer}` })).status;

  test("are kept where only the owner reads, and are never shown", async () => {
    expect(key).toMatch(/^ksk_secret-\d+$/);
    expect((await stat(join(directory, "service-key-a"))).mode & 0o777).toBe(0o600);
    const added = await call(world.entries.add);
    expect(added).toMatchObject({ status: 201, body: { added: "service-key-b" } });
    expect(JSON.stringify([added, world.logged])).not.toContain("secret-");
  });

  test("are changed without a gap: both are good until the old one is removed", async () => {
    await call(world.entries.add);
    const next = await readFile(join(directory, "service-key-b"), "utf8");
    expect([await ask(key), await ask(next)]).toEqual([200, 200]);
    expect(await call(world.entries.add)).toMatchObject({ status: 409 });
    expect(await call(world.entries.remove, { params: { name: "service-key-a" } })).toMatchObject({ status: 204 });
    expect([await ask(key), await ask(next)]).toEqual([401, 200]);
    expect(await call(world.entries.remove, { params: { name: "service-key-b" } })).toMatchObject({ status: 409 });
    for (const name of ["service-key-a", "alert-webhook", ""]) {
      expect(await call(world.entries.remove, { params: { name } })).toMatchObject({ status: 404 });
    }
  });

  test("that another worker removed are refused within half a minute", async () => {
    const other = setUp(directory);
    await call(other.entries.add);
    expect(await ask(key)).toBe(200);
    await call(other.entries.remove, { params: { name: "service-key-a" } });
    world.advance(31);
    expect(await ask(key)).toBe(401);
  });

  test("let nobody in while there is none, and are the operators' matter only", async () => {
    const empty = await mkdtemp(join(tmpdir(), "kombify-service-keys-"));
    const other = setUp(empty, false);
    expect(await other.serviceKeys.isKey("ksk_")).toBe(false);
    for (const entry of [other.entries.add, other.entries.remove]) {
      expect(await call(entry)).toMatchObject({ status: 403, body: { code: "forbidden" } });
    }
    await rm(empty, { recursive: true });
  });
});
