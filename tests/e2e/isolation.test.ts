import type PocketBase from "pocketbase";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseNames, collectionId, collectionName, type BaseName } from "../../shared/stack/namespace.ts";
import { attempts, directAttempts, send, target, type Attack, type Caller } from "./isolation-attacks.ts";
import { aSpace, openAllRules, startTestStack, type TestStack } from "./isolation-fixture.ts";
import { connectRealtime, eventually } from "./isolation-realtime.ts";
import { bodyOf, canary, seedRecords, textMember, type SeededRecords } from "./isolation-records.ts";

// `lab` is also the end of `home_lab`: a tenant found by the end of a name would be the wrong one.
const victim = aSpace("home-lab");
const attacker = aSpace("lab", { maxNodes: 100 });

const walls = [
  { wall: "rules and hooks", hasHooks: true, areRulesOpen: false },
  { wall: "rules alone", hasHooks: false, areRulesOpen: false },
  { wall: "hooks alone, every rule empty", hasHooks: true, areRulesOpen: true },
] as const;

const callers = ["guest", "administrator of another tenant"] as const;
const addresses = ["name", "id"] as const;

const cases = callers.flatMap((caller) =>
  addresses.flatMap((address) => baseNames.map((base) => ({ caller, address, base }))),
);

/** A user of the tenant with the role admin, and a token of theirs. */
const signIn = async (root: PocketBase, namespace: string, userId: string): Promise<string> => {
  const impersonated = await root.collection(collectionName("users", namespace)).impersonate(userId, 3600);
  return impersonated.authStore.token;
};

describe.each(walls)("a tenant behind $wall", ({ hasHooks, areRulesOpen }) => {
  let test: TestStack;
  let records: SeededRecords;
  let own: SeededRecords;
  let owner: string;
  let foreign: string;

  beforeAll(async () => {
    test = await startTestStack({ hasHooks });
    const { root, stack } = test;
    await stack.createTenantSpace(victim);
    await stack.createTenantSpace(attacker);
    // Off in production; on here, so that requests inside a batch are tried as well. No limit may hide a leak.
    await root.settings.update({
      batch: { enabled: true, maxRequests: 5, timeout: 3 },
      rateLimits: { enabled: false },
    });
    records = await seedRecords(root, victim.namespace, canary);
    own = await seedRecords(root, attacker.namespace, "attacker");
    owner = await signIn(root, victim.namespace, records.users.id);
    foreign = await signIn(root, attacker.namespace, own.users.id);
    if (areRulesOpen) {
      await openAllRules(root, victim.namespace);
      await openAllRules(root, attacker.namespace);
    }
  });

  afterAll(() => test.server.stop());

  const attackBy = (caller: string, base: BaseName, address: "name" | "id"): Attack => {
    const by: Caller =
      caller === "guest" ? { name: caller, userId: "" } : { name: caller, token: foreign, userId: own.users.id };
    return { url: test.server.url, victim, attacker, records, base, address, caller: by };
  };

  const recordsOf = (base: BaseName): Promise<string> =>
    test.root
      .collection(collectionName(base, victim.namespace))
      .getFullList()
      .then((list) => JSON.stringify(list));

  it.each(cases)("shows and gives nothing of $base, addressed by $address, to a $caller", async (wanted) => {
    const attack = attackBy(wanted.caller, wanted.base, wanted.address);
    const before = await recordsOf(wanted.base);
    for (const [name, attempt] of Object.entries(attempts)) {
      for (const { status, text } of await attempt(attack)) {
        expect(text, name).not.toContain(canary);
        expect(text, name).not.toContain(records[wanted.base].id);
        expect(status, `${name}: ${text}`).toBeLessThan(500);
        if (hasHooks && directAttempts.has(name)) expect(status, `${name}: ${text}`).toBeGreaterThanOrEqual(400);
      }
    }
    expect(await recordsOf(wanted.base)).toBe(before);
  });

  it.each(cases)("sends no event of $base, addressed by $address, to a $caller", async (wanted) => {
    const attack = attackBy(wanted.caller, wanted.base, wanted.address);
    const { url } = test.server;
    const [spy, listener] = await Promise.all([connectRealtime(url), connectRealtime(url)]);
    try {
      const topics = [`${target(attack)}/*`, `${target(attack)}/${records[wanted.base].id}`];
      const status = await spy.subscribe(topics, attack.caller.token);
      expect(status).toBe(hasHooks ? 403 : 204);
      expect(await listener.subscribe(topics, owner)).toBe(204);
      // Events travel to each client on their own: the second one proves that the first had time to arrive.
      for (const text of [`${canary} once`, `${canary} twice`]) {
        const change = { [textMember[wanted.base]]: text };
        await test.root
          .collection(collectionName(wanted.base, victim.namespace))
          .update(records[wanted.base].id, change);
        await eventually(() => listener.received().includes(text), "the owner's event");
      }
      expect(spy.received()).not.toContain(canary);
    } finally {
      spy.close();
      listener.close();
      const restored = { [textMember[wanted.base]]: canary };
      await test.root
        .collection(collectionName(wanted.base, victim.namespace))
        .update(records[wanted.base].id, restored);
    }
  });

  it.each(baseNames)("lets the tenant's own administrator read and write %s", async (base) => {
    const url = `${test.server.url}/api/collections/${collectionId(base, victim.tenantId)}/records`;
    const list = await send(url, "GET", owner);
    expect(list.status).toBe(200);
    expect(list.text).toContain(canary);
    if (base === "users") return;
    if (base === "flags") {
      const one = `${url}/${records[base].id}`;
      const body = bodyOf(base, "own", records.users.id);
      for (const [method, address] of [
        ["POST", url],
        ["PATCH", one],
        ["DELETE", one],
      ] as const) {
        const refused = await send(address, method, owner, method === "DELETE" ? undefined : body);
        expect(refused.status, `${method}: ${refused.text}`).toBe(403);
      }
      return;
    }
    const created = await send(url, "POST", owner, bodyOf(base, "own", records.users.id));
    expect(created.status, created.text).toBe(200);
    await test.root
      .collection(collectionName(base, victim.namespace))
      .delete((JSON.parse(created.text) as { id: string }).id);
  });

  it.each(["users", "deployments"] as const)("serves the file of %s to the tenant itself", async (base) => {
    const { text } = await send(`${test.server.url}/api/files/token`, "POST", owner);
    const { token } = JSON.parse(text) as { token: string };
    const { id, file } = records[base];
    const url = `${test.server.url}/api/files/${collectionName(base, victim.namespace)}/${id}/${file}`;
    expect((await send(`${url}?token=${token}`, "GET")).status).toBe(200);
  });
});
