import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SessionOutcome, SessionRequest, TenantSpace } from "../../shared/stack/stack.ts";
import { send } from "./isolation-attacks.ts";
import { aSpace, connect, importTenants, startTestStack, type TestStack } from "./isolation-fixture.ts";
import { connectRealtime, eventually } from "./isolation-realtime.ts";
import { bodyOf } from "./isolation-records.ts";

let test: TestStack;

beforeAll(async () => {
  test = await startTestStack();
  await test.root.settings.update({ rateLimits: { enabled: false } });
});

afterAll(() => test.server.stop());

/** A tenant of its own for one test. */
const aTenant = async (slug: string, change: Partial<TenantSpace> = {}): Promise<TenantSpace> => {
  const space = aSpace(slug, change);
  await test.stack.createTenantSpace(space);
  return space;
};

const openSession = (space: TenantSpace, change: Partial<SessionRequest>): Promise<SessionOutcome> =>
  test.stack.openSession({
    tenantId: space.tenantId,
    namespace: space.namespace,
    sub: "sub-1",
    isOrganisationAdmin: false,
    ...change,
  });

interface Session {
  readonly token: string;
  readonly id: string;
  readonly record: Readonly<Record<string, unknown>>;
}

const signIn = async (space: TenantSpace, change: Partial<SessionRequest> = {}): Promise<Session> => {
  const outcome = await openSession(space, change);
  if (outcome.kind !== "opened") throw new Error(`not opened: ${outcome.kind}`);
  const { token, record } = outcome.session;
  return { token, record, id: String(record["id"]) };
};

const recordsUrl = (space: TenantSpace, base: string): string =>
  `${test.server.url}/api/collections/${base}_${space.namespace}/records`;
const refresh = (space: TenantSpace, token: string): ReturnType<typeof send> =>
  send(`${test.server.url}/api/collections/users_${space.namespace}/auth-refresh`, "POST", token);
const countUsers = async (space: TenantSpace): Promise<number> =>
  (await test.root.collection(`users_${space.namespace}`).getList(1, 1)).totalItems;
const kindsOf = (outcomes: readonly SessionOutcome[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(Object.groupBy(outcomes, (outcome) => outcome.kind)).map(([kind, list]) => [kind, list.length]),
  );

describe("a session", () => {
  it("is renewable, lasts eight hours and reaches the tenant's records", async () => {
    const space = await aTenant("acme");
    const { token, record } = await signIn(space, { email: "ann@acme.test", name: "Ann" });
    const claims = JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as Record<string, unknown>;
    expect(claims).toMatchObject({ refreshable: true, collectionId: `${space.tenantId}_users` });
    expect(Number(claims["exp"]) - Date.now() / 1000).toBeGreaterThan(8 * 3600 - 60);
    expect(Number(claims["exp"]) - Date.now() / 1000).toBeLessThanOrEqual(8 * 3600);
    expect(record).toMatchObject({ email: "ann@acme.test", name: "Ann", verified: true, role: "admin" });
    expect(Object.keys(record)).not.toContain("tokenKey");
    expect((await refresh(space, token)).status).toBe(200);
    expect((await send(recordsUrl(space, "nodes"), "GET", token)).status).toBe(200);
  });

  it("finds the same user again and takes over a new name and address", async () => {
    const space = await aTenant("again");
    const first = await signIn(space, { email: "old@again.test", name: "Old" });
    const second = await signIn(space, { email: "new@again.test", name: "New" });
    expect(second.record).toMatchObject({ id: first.id, email: "new@again.test", name: "New" });
    const third = await signIn(space);
    expect(third.record).toMatchObject({ id: first.id, email: "new@again.test", name: "New" });
    const mapping = await test.root.collection("_sso_mappings").getFirstListItem(`tenantId = "${space.tenantId}"`);
    expect(mapping).toMatchObject({ zitadelSub: "sub-1", pbUserId: first.id, isAdmin: true });
    expect(mapping["lastLogin"]).not.toBe("");
  });

  it("makes one user of ten concurrent first logins", async () => {
    const space = await aTenant("race");
    const sessions = await Promise.all(Array.from({ length: 10 }, () => signIn(space, { email: "r@race.test" })));
    expect(new Set(sessions.map((session) => session.id)).size).toBe(1);
    expect(await countUsers(space)).toBe(1);
  });

  it("keeps to maxUsers under twenty concurrent first logins, and lets known people in", async () => {
    const space = await aTenant("full", { maxUsers: 3 });
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, place) => openSession(space, { sub: `person-${place}` })),
    );
    expect(kindsOf(outcomes)).toEqual({ opened: 3, "user-limit-reached": 17 });
    expect(outcomes.find((outcome) => outcome.kind === "user-limit-reached")).toEqual({
      kind: "user-limit-reached",
      maxUsers: 3,
    });
    expect(await countUsers(space)).toBe(3);
    const known = outcomes.findIndex((outcome) => outcome.kind === "opened");
    expect((await openSession(space, { sub: `person-${known}` })).kind).toBe("opened");
  });

  it("gives a person one user in each of two tenants, with one address", async () => {
    const [one, other] = [await aTenant("one"), await aTenant("other")];
    const sessions = [await signIn(one, { email: "p@both.test" }), await signIn(other, { email: "p@both.test" })];
    expect(sessions[0]?.id).not.toBe(sessions[1]?.id);
    expect(sessions.map(({ record }) => record["email"])).toEqual(["p@both.test", "p@both.test"]);
    expect((await refresh(other, sessions[0]!.token)).status).toBe(403);
  });

  it.each([
    ["is missing", undefined],
    ["is not one", "not an address"],
    ["is another user's", "Taken@email.test"],
  ])("is opened without an e-mail when the e-mail %s", async (reason, email) => {
    const space = await aTenant(`email-${reason.replaceAll(" ", "-").replace("'", "")}`);
    const first = await signIn(space, { sub: "first", email: "taken@email.test" });
    const second = await signIn(space, { sub: "second", ...(email === undefined ? {} : { email }) });
    expect(second.id).not.toBe(first.id);
    expect(second.record["email"]).toBe("");
    expect((await signIn(space, { sub: "first" })).record["email"]).toBe("taken@email.test");
  });

  it("makes the founder and the organisation's administrators administrators, and takes back only the latter", async () => {
    const space = await aTenant("roles");
    const roleOf = async (sub: string, isOrganisationAdmin: boolean): Promise<unknown> =>
      (await signIn(space, { sub, isOrganisationAdmin })).record["role"];
    expect(await roleOf("founder", false)).toBe("admin");
    expect(await roleOf("member", false)).toBe("member");
    expect(await roleOf("manager", true)).toBe("admin");
    expect(await roleOf("manager", false)).toBe("member");
    expect(await roleOf("founder", false)).toBe("admin");
    const { id } = await signIn(space, { sub: "member" });
    await test.root.collection("users_roles").update(id, { role: "admin" });
    expect(await roleOf("member", false)).toBe("admin");
  });

  it("makes the user anew when an administrator of the Stack removed it", async () => {
    const space = await aTenant("removed", { maxUsers: 2 });
    await signIn(space, { sub: "founder" });
    const first = await signIn(space, { sub: "second" });
    await test.root.collection("users_removed").delete(first.id);
    const second = await signIn(space, { sub: "second" });
    expect(second.id).not.toBe(first.id);
    expect((await refresh(space, first.token)).status).toBe(401);
  });

  it("is refused for an unknown tenant, a foreign namespace and a deleted tenant", async () => {
    const space = await aTenant("gone");
    const other = await aTenant("there");
    expect(await openSession({ ...space, tenantId: "unknown000000000" }, {})).toEqual({ kind: "tenant-unknown" });
    expect(await openSession({ ...space, namespace: other.namespace }, {})).toEqual({ kind: "tenant-unknown" });
    await test.root.collection("_tenants").update(space.tenantId, { status: "deleted" });
    expect(await openSession(space, {})).toEqual({ kind: "tenant-unknown" });
  });

  it("is opened for the control plane only", async () => {
    const space = await aTenant("route");
    const { token } = await signIn(space);
    const body = { tenantId: space.tenantId, namespace: space.namespace, sub: "sub-1", isOrganisationAdmin: true };
    const url = `${test.server.url}/api/kombify/sessions`;
    expect((await send(url, "POST", undefined, body)).status).toBe(401);
    expect((await send(url, "POST", token, body)).status).toBe(403);
    expect((await send(url, "POST", test.root.authStore.token, { ...body, sub: "" })).status).toBe(400);
    expect((await send(url, "POST", test.root.authStore.token, { ...body, sub: { $ne: "" } })).status).toBe(400);
  });
});

describe("a suspended tenant", () => {
  it("ends every session at once, refuses new ones, and works again when resumed", async () => {
    const space = await aTenant("late");
    const neighbour = await aTenant("paid");
    const { token } = await signIn(space);
    const untouched = await signIn(neighbour);
    const realtime = await connectRealtime(test.server.url);
    expect(await realtime.subscribe(["nodes_late/*"], token)).toBe(204);

    await test.stack.suspendTenant(space.tenantId, space.namespace);
    await test.stack.suspendTenant(space.tenantId, space.namespace);
    expect((await send(recordsUrl(space, "nodes"), "GET", token)).status).toBe(401);
    expect((await refresh(space, token)).status).toBe(401);
    expect(await openSession(space, {})).toEqual({ kind: "tenant-suspended" });
    expect((await refresh(neighbour, untouched.token)).status).toBe(200);

    const watcher = await connectRealtime(test.server.url);
    expect(await watcher.subscribe(["nodes_late/*"], test.root.authStore.token)).toBe(204);
    await test.root.collection("nodes_late").create(bodyOf("nodes", "while suspended", ""));
    await eventually(() => watcher.received().includes("while suspended"), "the superuser's event");
    expect(realtime.received()).not.toContain("while suspended");
    realtime.close();
    watcher.close();

    await test.stack.resumeTenant(space.tenantId, space.namespace);
    expect((await refresh(space, token)).status).toBe(401);
    expect((await refresh(space, (await signIn(space)).token)).status).toBe(200);
  });

  it("is refused by the hooks even while a token still lives", async () => {
    const space = await aTenant("half");
    const { token } = await signIn(space);
    await test.root.collection("_tenants").update(space.tenantId, { status: "suspended" });
    for (const answer of [await send(recordsUrl(space, "nodes"), "GET", token), await refresh(space, token)]) {
      expect(answer.status).toBe(403);
      expect(answer.text).toContain("tenant-suspended");
    }
  });
});

describe("inside a tenant", () => {
  it("keeps to maxNodes under parallel requests and says so", async () => {
    const space = await aTenant("nodes-full", { maxNodes: 3 });
    const { token } = await signIn(space);
    // Holds the only writer for a while, so that the requests pile up between counting and adding.
    const pause = importTenants(test.root, ["pause-1", "pause-2", "pause-3", "pause-4", "pause-5"]);
    await refresh(space, token);
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, place) =>
        send(recordsUrl(space, "nodes"), "POST", token, bodyOf("nodes", `node-${place}`, "")),
      ),
    );
    await pause;
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(3);
    const refused = answers.filter((answer) => answer.status === 403);
    expect(refused).toHaveLength(57);
    expect(refused[0]?.text).toContain("node-limit-reached");
    expect((await test.root.collection("nodes_nodes_full").getList(1, 1)).totalItems).toBe(3);
  });

  it("lets a member change the own name, and neither rights nor identity of anybody", async () => {
    const space = await aTenant("members");
    const founder = await signIn(space, { sub: "founder" });
    const member = await signIn(space, { sub: "member", email: "m@members.test" });
    const patch = async (who: Session, whom: Session, body: unknown): Promise<number> =>
      (await send(`${recordsUrl(space, "users")}/${whom.id}`, "PATCH", who.token, body)).status;
    expect(await patch(member, member, { name: "Mia" })).toBe(200);
    expect(await patch(member, founder, { name: "Mia" })).toBe(404);
    for (const body of [
      { role: "admin" },
      { email: "x@members.test" },
      { verified: false },
      { emailVisibility: true },
    ]) {
      expect(await patch(member, member, body), JSON.stringify(body)).toBeGreaterThanOrEqual(400);
    }
    expect(await patch(founder, founder, { role: "member" })).toBeGreaterThanOrEqual(400);
    expect(await patch(founder, member, { role: "admin" })).toBe(200);
    expect(await test.root.collection("users_members").getOne(member.id)).toMatchObject({
      email: "m@members.test",
      verified: true,
      emailVisibility: false,
    });
  });

  it("refuses escalation in the hooks as well", async () => {
    const space = await aTenant("loose");
    await signIn(space, { sub: "founder" });
    const member = await signIn(space, { sub: "member" });
    await test.root.collections.update("users_loose", { updateRule: "", createRule: "" });
    const answer = await send(`${recordsUrl(space, "users")}/${member.id}`, "PATCH", member.token, { role: "admin" });
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining("role-read-only")]);
    const created = await send(recordsUrl(space, "users"), "POST", member.token, bodyOf("users", "Eve", ""));
    expect([created.status, created.text]).toEqual([403, expect.stringContaining("single-sign-on-only")]);
  });

  it.each(["secrets", "settings"])("lets only administrators write %s", async (base) => {
    const space = await aTenant(`write-${base}`);
    const founder = await signIn(space, { sub: "founder" });
    const member = await signIn(space, { sub: "member" });
    const write = async (who: Session): Promise<number> =>
      (await send(recordsUrl(space, base), "POST", who.token, bodyOf(base as "secrets", "one", ""))).status;
    expect(await write(member)).toBe(400);
    expect(await write(founder)).toBe(200);
    const client = connect(test.server.url);
    client.authStore.save(member.token);
    const seen = await client.collection(`${base}_${space.namespace}`).getFullList();
    expect(seen).toHaveLength(base === "settings" ? 1 : 0);
  });

  it("does not let a deployment be asked for in somebody else's name", async () => {
    const space = await aTenant("requests");
    const founder = await signIn(space, { sub: "founder" });
    const member = await signIn(space, { sub: "member" });
    const post = async (userId: string): Promise<number> =>
      (await send(recordsUrl(space, "deployments"), "POST", member.token, bodyOf("deployments", "kit", userId))).status;
    expect(await post(founder.id)).toBe(400);
    expect(await post(member.id)).toBe(200);
  });
});
