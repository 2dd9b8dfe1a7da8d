import { inspect } from "node:util";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { pocketBaseStacks } from "../../shared/adapters/pocketbase/stacks.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import { superuserEmail } from "../../shared/secrets/secret-store.ts";
import { tenantCollections } from "../../shared/stack/collections.ts";
import type { Stack } from "../../shared/stack/stack.ts";
import { aSpace, stackAt, startTestStack, type TestStack } from "./isolation-fixture.ts";
import { seedRecords } from "./isolation-records.ts";

let test: TestStack;

beforeAll(async () => {
  test = await startTestStack();
});

afterAll(() => test.server.stop());

/** How many collections every tenant has. */
const perTenant = tenantCollections({ tenantId: "t", namespace: "t" }).length;

/** Names of the collections that belong to the namespace. */
const collectionsOf = async (namespace: string): Promise<readonly string[]> =>
  (await test.root.collections.getFullList())
    .map((collection) => collection.name)
    .filter((name) => name.endsWith(`_${namespace}`));

/** `fetch` that notes what goes over it. */
const recorded = (): { readonly requests: string[]; readonly fetch: typeof fetch; mostAtOnce: () => number } => {
  const requests: string[] = [];
  let running = 0;
  let most = 0;
  return {
    requests,
    mostAtOnce: () => most,
    fetch: async (input, init) => {
      requests.push(`${init?.method ?? "GET"} ${new URL(input instanceof Request ? input.url : input).pathname}`);
      running += 1;
      most = Math.max(most, running);
      try {
        return await fetch(input, init);
      } finally {
        running -= 1;
      }
    },
  };
};

describe("preparing an instance", () => {
  it("may be repeated and leaves batch off, limits on and addresses out of the logs", async () => {
    await test.stack.prepare();
    const settings = await test.root.settings.getAll();
    expect(settings).toMatchObject({
      batch: { enabled: false },
      rateLimits: { enabled: true },
      logs: { logIP: false, logAuthId: false },
    });
    for (const name of ["_tenants", "_sso_mappings"]) {
      expect(await test.root.collections.getOne(name)).toMatchObject({ listRule: null, system: false });
    }
  });
});

describe("creating a tenant's space", () => {
  it("costs one row and one import", async () => {
    const { requests, fetch: recordingFetch } = recorded();
    const stack = stackAt(test.server.url, undefined, recordingFetch);
    await stack.createTenantSpace(aSpace("warm"));
    requests.length = 0;
    await stack.createTenantSpace(aSpace("counted"));
    expect(requests).toEqual(["POST /api/collections/_tenants/records", "PUT /api/collections/import"]);
  });

  it("makes what was asked for, as PocketBase reads it back", async () => {
    const space = aSpace("as-wanted");
    await test.stack.createTenantSpace(space);
    for (const wanted of tenantCollections(space)) {
      const { fields, indexes, ...rest } = wanted;
      const made = await test.root.collections.getOne(wanted.id);
      expect(made).toMatchObject(rest);
      expect(made.fields).toEqual(
        expect.arrayContaining(fields.map((field) => expect.objectContaining({ ...field }) as unknown)),
      );
      expect(made.indexes).toEqual(expect.arrayContaining([...indexes]));
    }
  });

  it("takes the longest slug", async () => {
    const space = aSpace(`long-${"x".repeat(58)}`, { tenantId: "l".repeat(40) });
    await test.stack.createTenantSpace(space);
    expect(await collectionsOf(space.namespace)).toHaveLength(perTenant);
  });

  it("may be repeated: records, sessions, status stay; rules come back; facts are refreshed", async () => {
    const space = aSpace("again");
    await test.stack.createTenantSpace(space);
    const records = await seedRecords(test.root, "again", "kept");
    const person = await test.root.collection("users_again").impersonate(records.users.id, 600);
    await test.root.collections.update("nodes_again", { listRule: "" });
    await test.stack.createTenantSpace({ ...space, plan: "pro", maxNodes: 10 });
    expect((await test.root.collections.getOne("nodes_again")).listRule).toContain("@request.auth.collectionId");
    expect(await person.collection("nodes_again").getFullList()).toHaveLength(1);
    expect(await test.root.collection("_tenants").getOne(space.tenantId)).toMatchObject({ plan: "pro", maxNodes: 10 });
    await test.stack.suspendTenant(space.tenantId, "again");
    await test.stack.createTenantSpace(space);
    expect(await test.root.collection("_tenants").getOne(space.tenantId)).toMatchObject({ status: "suspended" });
  });

  it.each([
    ["namespace", { namespace: "owned" }],
    ["slug", { slug: "owned" }],
    ["organisation", { orgId: "organisation-owned" }],
  ])("never takes over another tenant's %s", async (what, change) => {
    await test.stack.createTenantSpace(aSpace("owned"));
    const before = JSON.stringify(await test.root.collections.getOne("users_owned"));
    const thief = aSpace(`thief-of-${what}`, change);
    await expect(test.stack.createTenantSpace(thief)).rejects.toMatchObject({ code: "conflict" });
    expect(JSON.stringify(await test.root.collections.getOne("users_owned"))).toBe(before);
    expect(await collectionsOf(`thief_of_${what}`)).toEqual([]);
  });

  it("imports one tenant at a time, however many are asked for", async () => {
    const { requests, fetch: recordingFetch, mostAtOnce } = recorded();
    const stack = stackAt(test.server.url, undefined, recordingFetch);
    await Promise.all(Array.from({ length: 6 }, (_, place) => stack.createTenantSpace(aSpace(`many-${place}`))));
    expect(requests.filter((request) => request.includes("auth-with-password"))).toHaveLength(1);
    expect(requests.filter((request) => request.includes("import"))).toHaveLength(6);
    expect(mostAtOnce()).toBeLessThanOrEqual(6);
    expect(await collectionsOf("many_5")).toHaveLength(perTenant);
  });

  it("keeps to fifteen requests in flight", async () => {
    const { fetch: recordingFetch, mostAtOnce } = recorded();
    const stack = stackAt(test.server.url, undefined, recordingFetch);
    const space = aSpace("busy");
    await stack.createTenantSpace(space);
    const request = { tenantId: space.tenantId, namespace: "busy", sub: "one", isOrganisationAdmin: false };
    const outcomes = await Promise.all(Array.from({ length: 60 }, () => stack.openSession(request)));
    expect(outcomes.filter((outcome) => outcome.kind === "opened")).toHaveLength(60);
    expect(mostAtOnce()).toBe(15);
  });

  it("leaves none or all of the collections when the instance is killed, and completes them afterwards", async () => {
    const counts: number[] = [];
    for (const [round, milliseconds] of [3, 10, 18, 26, 34, 45].entries()) {
      const space = aSpace(`killed-${round}`);
      const attempt = test.stack.createTenantSpace(space).then(
        () => "done",
        (error: unknown) => (error instanceof DomainError ? error.code : error),
      );
      await delay(milliseconds);
      await test.server.kill();
      expect(["done", "stack-unavailable"]).toContain(await attempt);
      await test.server.restart();
      counts.push((await collectionsOf(space.namespace)).length);
      await test.stack.createTenantSpace(space);
      expect(await collectionsOf(space.namespace)).toHaveLength(perTenant);
    }
    expect(counts.filter((count) => count !== 0 && count !== perTenant)).toEqual([]);
  });

  it("signs in again when the login is no longer good", async () => {
    const { requests, fetch: recordingFetch } = recorded();
    const stack = stackAt(test.server.url, undefined, recordingFetch);
    await stack.createTenantSpace(aSpace("before"));
    const [controlPlane] = await test.root
      .collection("_superusers")
      .getFullList({ filter: `email = "${superuserEmail}"` });
    const password = { password: "control-plane-password", passwordConfirm: "control-plane-password" };
    await test.root.collection("_superusers").update(controlPlane!.id, password);
    await stack.createTenantSpace(aSpace("after"));
    expect(await collectionsOf("after")).toHaveLength(perTenant);
    expect(requests.filter((request) => request.includes("auth-with-password"))).toHaveLength(2);
  });
});

describe("an instance that does not do what is asked", () => {
  const password = "the-secret-of-this-instance";
  let server: Server | undefined;

  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  const listen = async (listener: RequestListener): Promise<string> => {
    const listening = createServer(listener);
    server = listening;
    await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
  };

  const stackWith = (url: string, timeoutMilliseconds = 300): Stack =>
    pocketBaseStacks({
      secrets: {
        read: () => Promise.resolve(password),
        createIfAbsent: () => Promise.resolve(password),
        remove: () => Promise.resolve(),
      },
      timeoutMilliseconds,
    }).at({ instanceId: "stack-2", internalEndpoint: url });

  const request = { tenantId: "tenant000000000", namespace: "acme", sub: "one", isOrganisationAdmin: false };

  const expectUnavailable = async (stack: Stack): Promise<void> => {
    const tries = [
      () => stack.openSession(request),
      () => stack.prepare(),
      () => stack.createTenantSpace(aSpace("acme")),
      () => stack.suspendTenant(request.tenantId, "acme"),
    ];
    for (const attempt of tries) {
      const error = await attempt().then(
        () => undefined,
        (failure: unknown) => failure,
      );
      expect(error).toMatchObject({ name: "DomainError", code: "stack-unavailable" });
      expect((error as Error).cause).toBeDefined();
      expect(inspect(error, { depth: 10 })).not.toContain(password);
    }
    expect(await stack.isReady()).toBe(false);
  };

  const answers: readonly (readonly [what: string, listener: RequestListener])[] = [
    ["fails", (_, response) => response.writeHead(500).end("boom")],
    ["answers a page", (_, response) => response.setHeader("content-type", "text/html").end("<h1>hello</h1>")],
    ["answers other JSON", (_, response) => response.setHeader("content-type", "application/json").end('{"a":[1]}')],
    ["redirects", (_, response) => response.writeHead(307, { location: "http://127.0.0.1:9/" }).end()],
    ["hangs", () => undefined],
    ["hangs up", (_, response) => response.destroy()],
  ];

  it.each(answers)("is unavailable when it %s", async (_, listener) => {
    await expectUnavailable(stackWith(await listen(listener)));
  });

  it("is unavailable when nobody listens", async () => {
    const url = await listen(() => undefined);
    server?.close();
    server = undefined;
    await expectUnavailable(stackWith(url));
  });

  it("is unavailable when the password is wrong or there is none", async () => {
    const wrong = stackWith(test.server.url, 5000);
    await expect(wrong.openSession(request)).rejects.toMatchObject({ code: "stack-unavailable" });
    const none = pocketBaseStacks({
      secrets: {
        read: () => Promise.resolve(undefined),
        createIfAbsent: () => Promise.resolve(""),
        remove: () => Promise.resolve(),
      },
    }).at({ instanceId: "stack-3", internalEndpoint: test.server.url });
    await expect(none.openSession(request)).rejects.toMatchObject({ code: "stack-unavailable" });
    expect(await none.isReady()).toBe(true);
  });

  it("is unavailable when the hooks are missing, and available again afterwards", async () => {
    const bare = await startTestStack({ hasHooks: false });
    try {
      await bare.stack.createTenantSpace(aSpace("acme"));
      await expect(bare.stack.openSession(request)).rejects.toMatchObject({ code: "stack-unavailable" });
      await bare.server.kill();
      await expect(bare.stack.prepare()).rejects.toMatchObject({ code: "stack-unavailable" });
      expect(await bare.stack.isReady()).toBe(false);
      await bare.server.restart();
      await bare.stack.prepare();
      expect(await bare.stack.isReady()).toBe(true);
    } finally {
      await bare.server.stop();
    }
  });
});
