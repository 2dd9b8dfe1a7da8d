import { afterAll, beforeAll, expect, it } from "vitest";
import type { SessionRequest, StackPerson } from "../../shared/stack/stack.ts";
import { send } from "./isolation-attacks.ts";
import { aSpace, startTestStack, type TestStack } from "./isolation-fixture.ts";
import { connectRealtime, eventually } from "./isolation-realtime.ts";
import { bodyOf } from "./isolation-records.ts";

let test: TestStack;

beforeAll(async () => {
  test = await startTestStack();
  for (const slug of ["acme", "globex", "roles"]) await test.stack.createTenantSpace(aSpace(slug));
});

afterAll(() => test.server.stop());

const personOf = (slug: string, sub: string): StackPerson => {
  const { tenantId, namespace } = aSpace(slug);
  return { tenantId, namespace, sub };
};

const signIn = async (slug: string, sub: string, change: Partial<SessionRequest> = {}) => {
  const request = { ...personOf(slug, sub), isOrganisationAdmin: false, ...change };
  const outcome = await test.stack.openSession(request);
  if (outcome.kind !== "opened") throw new Error(`not opened: ${outcome.kind}`);
  const { token, record } = outcome.session;
  const nodes = `${test.server.url}/api/collections/nodes_${slug}/records`;
  return {
    id: String(record["id"]),
    role: String(record["role"]),
    list: async () => (await send(nodes, "GET", token)).status,
    add: async (name: string) => (await send(nodes, "POST", token, bodyOf("nodes", name, ""))).status,
    renew: async () =>
      (await send(`${test.server.url}/api/collections/users_${slug}/auth-refresh`, "POST", token)).status,
    listen: async () => {
      const client = await connectRealtime(test.server.url);
      expect(await client.subscribe([`nodes_${slug}/*`], token)).toBe(204);
      return client;
    },
  };
};

it("ends every token and connection of one person at once, and of nobody else", async () => {
  const [founder, laptop, phone] = [
    await signIn("acme", "founder"),
    await signIn("acme", "ben"),
    await signIn("acme", "ben"),
  ];
  const neighbour = await signIn("globex", "ben");
  const [kept, cut, foreign] = [await founder.listen(), await laptop.listen(), await neighbour.listen()];
  await test.stack.endSessions(personOf("acme", "ben"));
  await cut.ended;
  for (const session of [laptop, phone]) {
    expect([await session.list(), await session.renew()]).toEqual([401, 401]);
  }
  expect([await founder.list(), await neighbour.list()]).toEqual([200, 200]);
  expect([await founder.add("after"), await neighbour.add("abroad")]).toEqual([200, 200]);
  await eventually(() => kept.received().includes("after"), "the founder still hears");
  await eventually(() => foreign.received().includes("abroad"), "the neighbour still hears");
  expect(cut.received()).not.toContain("after");
  kept.close();
  foreign.close();
});

it("can be repeated, also for somebody who never signed in and for a tenant that is not here", async () => {
  await test.stack.endSessions(personOf("acme", "ben"));
  await test.stack.endSessions(personOf("acme", "nobody"));
  await test.stack.endSessions(personOf("unknown", "nobody"));
  expect(await (await signIn("acme", "ben")).list()).toBe(200);
});

it("gives and takes the role of an organisation's administrator while the session goes on", async () => {
  await signIn("roles", "founder");
  const member = await signIn("roles", "ben");
  const roleNow = async () => (await test.root.collection("users_roles").getOne(member.id))["role"] as string;
  expect(member.role).toBe("member");
  await test.stack.changeRole(personOf("roles", "ben"), true);
  expect(await roleNow()).toBe("admin");
  await test.stack.changeRole(personOf("roles", "ben"), false);
  expect([await roleNow(), await member.list()]).toEqual(["member", 200]);
  await test.stack.changeRole(personOf("roles", "nobody"), true);
});

it.each(["/api/kombify/sessions/end", "/api/kombify/sessions/role"])(
  "is the control plane's alone: %s",
  async (path) => {
    const body = { ...personOf("acme", "founder"), isOrganisationAdmin: true };
    expect((await send(`${test.server.url}${path}`, "POST", undefined, body)).status).toBe(401);
  },
);
