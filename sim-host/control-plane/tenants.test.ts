import type { Server } from "node:http";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import azure from "@azure/functions";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { withErrorBoundary } from "../../functions/http/http-function.ts";
import { getUserHttp } from "../../functions/users/get-user.http.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { Tenant } from "../../shared/tenants/tenant.ts";
import { tenantIdOf } from "../../shared/tenants/tenant.ts";
import type { DescribedPerson } from "../../shared/users/describe-user.ts";
import { makeDescribeUser } from "../../shared/users/describe-user.ts";
import { aCaller } from "../../tests/support/builders.ts";
import { makeAskMembership } from "./ask-membership.ts";
import type { Tenants } from "./ports.ts";
import { makeTenants } from "./tenants.ts";

const orgId = "300000000000000101";
const ada: DescribedPerson = { id: "ada", orgId, isOrganisationAdmin: true };
const caller = aCaller({ sub: "ada", orgId });
const key = "ksk_good";

const aTenant = (change: Partial<Tenant> = {}): Tenant => ({
  ...{ id: "tenant", type: "tenant", tenantId: tenantIdOf(orgId), orgId, slug: "acme", namespace: "n1", name: "Acme" },
  ...{ plan: "pro", status: "active", suspendedBy: [], placement: null, operationId: "o1", idempotency: null },
  ...{ createdBy: "ada", createdAt: "2026-01-01T00:00:00.000Z", sortKey: "2026#1" },
  ...change,
});

/** The entry of contract C1 itself, on a real server. */
const makeControlPlane = () => {
  const people = new Map([[ada.id, ada]]);
  let tenant: Tenant | undefined = aTenant();
  const entry = getUserHttp({
    requireService: ({ headers }) =>
      headers.get("authorization") === `Bearer ${key}`
        ? Promise.resolve()
        : Promise.reject(new DomainError("unauthenticated", "No.")),
    describeUser: makeDescribeUser({
      findPerson: (sub) => Promise.resolve(people.get(sub)),
      findTenant: () => Promise.resolve(tenant),
    }),
  });
  const statuses: number[] = [];
  const asked: string[] = [];
  let isDown = false;
  const server: Server = createServer((incoming, response) => {
    asked.push(incoming.url ?? "");
    if (isDown) return void response.destroy();
    const url = new URL(incoming.url ?? "/", "http://functions.internal");
    const [, sub = ""] = /^\/api\/internal\/users\/([^/]+)$/.exec(url.pathname) ?? [];
    const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
    const request = new azure.HttpRequest({
      ...{ method: "GET", url: url.href, params: { sub: decodeURIComponent(sub) } },
      ...{
        query: Object.fromEntries(url.searchParams),
        headers: Object.fromEntries(headers) as Record<string, string>,
      },
    });
    void withErrorBoundary(entry)(request, new azure.InvocationContext()).then((answer) => {
      statuses.push(answer.status ?? 200);
      response.writeHead(answer.status ?? 200, Object.fromEntries(new Headers(answer.headers)));
      response.end(typeof answer.body === "string" ? answer.body : undefined);
    });
  });
  return {
    ...{ server, people, statuses, asked },
    be: (state: "up" | "down") => (isDown = state === "down"),
    setTenant: (next: Tenant | undefined) => (tenant = next),
    listen: () => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)),
    url: () => {
      const address = server.address();
      return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
    },
  };
};

let plane: ReturnType<typeof makeControlPlane>;
let now = 0;
let tenants: Tenants;
const advance = (seconds: number): number => (now += seconds * 1000);
const tenantsAt = (functionsUrl: string, serviceKey = key): Tenants =>
  makeTenants({
    askMembership: makeAskMembership({ functionsUrl, serviceKey: () => Promise.resolve(serviceKey) }),
    clock: () => new Date(now),
  });
beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  plane = makeControlPlane();
  await plane.listen();
  tenants = tenantsAt(plane.url());
});
afterEach(() => {
  plane.server.close();
  plane.server.closeAllConnections();
});

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "let in",
    (error: unknown) => (error instanceof DomainError ? error.code : error),
  );

describe("a caller's tenant", () => {
  test("is what the control plane says of them in their organisation", async () => {
    expect(await tenants.standingOf(caller)).toEqual({
      ...{ tenantId: tenantIdOf(orgId), plan: "pro", isActive: true },
      subject: { sub: "ada", orgId },
    });
    expect(plane.asked).toEqual([`/api/internal/users/ada?organisation=${orgId}`]);
  });

  test.each([
    { what: "a suspended tenant", tenant: aTenant({ suspendedBy: ["billing"] }), code: "tenant-suspended" },
    { what: "a tenant that is being made", tenant: aTenant({ status: "provisioning" }), code: "tenant-not-active" },
    { what: "a tenant that was given up", tenant: aTenant({ status: "cancelled" }), code: "tenant-not-found" },
    { what: "no tenant", tenant: undefined, code: "tenant-not-found" },
    { what: "somebody who was locked", person: { ...ada, status: "deactivated" as const }, code: "access-withdrawn" },
    { what: "somebody whose roles were taken away", person: { ...ada, wasGranted: true }, code: "access-withdrawn" },
    { what: "somebody of elsewhere", person: { ...ada, orgId: "other" }, code: "tenant-not-found" },
    { what: "nobody", person: undefined, code: "tenant-not-found" },
  ])("is refused to $what", async ({ code, ...state }) => {
    if ("tenant" in state) plane.setTenant(state.tenant);
    if ("person" in state) plane.people.delete("ada");
    if ("person" in state && state.person !== undefined) plane.people.set("ada", state.person);
    expect(await codeOf(tenants.standingOf(caller))).toBe(code);
  });

  test("is nobody's without an organisation in the token", async () => {
    const { orgId: _orgId, ...unowned } = caller;
    expect(await codeOf(tenants.standingOf(unowned))).toBe("organisation-missing");
    expect(plane.asked).toEqual([]);
  });

  test("is asked for in such a way that nobody can ask for anything else", async () => {
    const odd = aCaller({ sub: "a/../../admin?x=1#", orgId: "o&organisation=other" });
    await codeOf(tenants.standingOf(odd));
    expect(plane.asked).toEqual([
      "/api/internal/users/a%2F..%2F..%2Fadmin%3Fx%3D1%23?organisation=o%26organisation%3Dother",
    ]);
  });
});

describe("what is known of a tenant", () => {
  test("is asked for once in half a minute, however many ask, and then only whether it still holds", async () => {
    await Promise.all(Array.from({ length: 50 }, () => tenants.standingOf(caller)));
    advance(29);
    await tenants.standingOf(caller);
    expect(plane.statuses).toEqual([200]);
    advance(2);
    expect(await tenants.standingOf(caller)).toMatchObject({ plan: "pro" });
    expect(plane.statuses).toEqual([200, 304]);
    plane.setTenant(aTenant({ plan: "free" }));
    advance(31);
    expect(await tenants.standingOf(caller)).toMatchObject({ plan: "free" });
  });

  test("is two seconds old at most when something is to be changed, and is not asked for while nobody answers", async () => {
    await tenants.standingOf(caller);
    plane.setTenant(aTenant({ plan: "enterprise" }));
    advance(1);
    expect(await tenants.standingOf(caller, true)).toMatchObject({ plan: "pro" });
    advance(2);
    expect(await tenants.standingOf(caller)).toMatchObject({ plan: "pro" });
    expect(await tenants.standingOf(caller, true)).toMatchObject({ plan: "enterprise" });
    expect(await tenants.standingOf(caller)).toMatchObject({ plan: "enterprise" });
    plane.be("down");
    advance(3);
    for (let n = 0; n < 10; n += 1) expect(await codeOf(tenants.standingOf(caller, true))).toBe("let in");
    expect(plane.asked).toHaveLength(3);
  });

  test("is kept apart for people and organisations", async () => {
    await tenants.standingOf(caller);
    expect(await codeOf(tenants.standingOf({ ...caller, sub: "bob" }))).toBe("tenant-not-found");
    expect(await codeOf(tenants.standingOf({ ...caller, orgId: "other" }))).toBe("tenant-not-found");
    expect(plane.asked).toHaveLength(3);
  });

  test("is asked for again after five seconds when it was a refusal", async () => {
    plane.setTenant(undefined);
    expect(await codeOf(tenants.standingOf(caller))).toBe("tenant-not-found");
    plane.setTenant(aTenant());
    advance(4);
    expect(await codeOf(tenants.standingOf(caller))).toBe("tenant-not-found");
    advance(2);
    expect(await codeOf(tenants.standingOf(caller))).toBe("let in");
  });

  test("holds for five minutes without the control plane, which is not asked all the time then", async () => {
    await tenants.standingOf(caller);
    plane.be("down");
    advance(31);
    for (let n = 0; n < 10; n += 1) expect(await codeOf(tenants.standingOf(caller))).toBe("let in");
    expect(plane.asked).toHaveLength(2);
    advance(5 * 60 - 32);
    expect(await codeOf(tenants.standingOf(caller))).toBe("let in");
    advance(6);
    expect(await codeOf(tenants.standingOf(caller))).toBe("unavailable");
    plane.be("up");
    expect(await codeOf(tenants.standingOf(caller))).toBe("let in");
  });

  test("is nothing when nobody was asked yet and nobody answers", async () => {
    plane.be("down");
    expect(await codeOf(tenants.standingOf(caller))).toBe("unavailable");
  });

  test("is nothing with a service key that is not good", async () => {
    expect(await codeOf(tenantsAt(plane.url(), "ksk_old").standingOf(caller))).toBe("unavailable");
  });
});

test("the tenant of whoever made something is told of whatever became of them", async () => {
  const subject = { sub: "ada", orgId };
  plane.people.set("ada", { ...ada, status: "deactivated" });
  expect(await tenants.standingOfTenant(subject)).toMatchObject({ tenantId: tenantIdOf(orgId), isActive: true });
  plane.setTenant(aTenant({ suspendedBy: ["operator"] }));
  advance(31);
  expect(await tenants.standingOfTenant(subject)).toMatchObject({ isActive: false });
  plane.people.delete("ada");
  advance(31);
  expect(await tenants.standingOfTenant(subject)).toBeUndefined();
});

describe("an answer that is none", () => {
  const good = { id: "ada", status: "active", organisation: { id: orgId }, tenant: null, plan: null };
  const body = (change: Readonly<Record<string, unknown>>): string => JSON.stringify({ ...good, ...change });
  test.each([
    { what: "is about somebody else", answer: body({ id: "bob" }) },
    { what: "is about another organisation", answer: body({ organisation: { id: "other" } }) },
    { what: "has a plan nobody knows", answer: body({ tenant: { id: "t1", status: "active" }, plan: "gold" }) },
    { what: "has an id that leads elsewhere", answer: body({ tenant: { id: "../x", status: "active" }, plan: "pro" }) },
    { what: "is no JSON", answer: "<html>" },
    { what: "does not end", answer: "x".repeat(70_000) },
    { what: "is a redirect", answer: "", status: 302 },
    { what: "is an error", answer: "{}", status: 500 },
    { what: "is a redirect that was not asked for", answer: "", status: 304 },
  ])("lets nobody in when it $what", async ({ answer, status = 200 }) => {
    const server = createServer((_request, response) =>
      response.writeHead(status, { location: "http://127.0.0.1:1/" }).end(answer),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    expect(await codeOf(tenantsAt(`http://127.0.0.1:${port}`).standingOf(caller))).toBe("unavailable");
    server.closeAllConnections();
    server.close();
  });
});

test("no more is kept than there is room for, and the oldest goes", async () => {
  const asked: string[] = [];
  const many = makeTenants({
    askMembership: async (subject) => {
      asked.push(subject.sub);
      await sleep(0);
      return { person: "active", tenant: { id: "t1", plan: "pro", status: "active" } };
    },
    clock: () => new Date(now),
  });
  const read = (n: number) => many.standingOf({ ...caller, sub: `person-${n}` });
  await Promise.all(Array.from({ length: 10_001 }, (_, n) => read(n)));
  await read(10_000);
  expect(asked).toHaveLength(10_001);
  await read(0);
  expect(asked.at(-1)).toBe("person-0");
  expect(asked).toHaveLength(10_002);
});
