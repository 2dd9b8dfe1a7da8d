import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TenantSpace } from "../../shared/stack/stack.ts";
import type { Answer } from "./isolation-attacks.ts";
import { send } from "./isolation-attacks.ts";
import { aSpace, startTestStack, type TestStack } from "./isolation-fixture.ts";
import { bodyOf } from "./isolation-records.ts";

let test: TestStack;
const tiny = aSpace("tiny", { maxServices: 2, storageMegabytesMax: 1 });
const other = aSpace("other");

beforeAll(async () => {
  test = await startTestStack();
  await test.stack.createTenantSpace(tiny);
  await test.stack.createTenantSpace(other);
  await test.root.settings.update({ rateLimits: { enabled: false } });
});
afterAll(() => test.server.stop());

const signIn = async ({ tenantId, namespace }: TenantSpace): Promise<{ token: string; userId: string }> => {
  const outcome = await test.stack.openSession({ tenantId, namespace, sub: "sub-1", isOrganisationAdmin: true });
  if (outcome.kind !== "opened") throw new Error(`not opened: ${outcome.kind}`);
  return { token: outcome.session.token, userId: String(outcome.session.record["id"]) };
};

const records = (collection: string): string => `${test.server.url}/api/collections/${collection}/records`;

/** A deployment whose output holds this many bytes, as a page uploads it. */
const upload = async ({ token, userId }: Awaited<ReturnType<typeof signIn>>, bytes: number): Promise<Answer> => {
  const body = new FormData();
  for (const [name, value] of Object.entries(bodyOf("deployments", "kit", userId))) body.set(name, String(value));
  body.set("output", new File([randomBytes(bytes)], "output.bin", { type: "application/octet-stream" }));
  const init = { method: "POST", headers: { authorization: token }, body };
  const response = await fetch(records("deployments_tiny"), init);
  return { status: response.status, text: await response.text() };
};

const idOf = ({ text }: Answer): string => (JSON.parse(text) as { readonly id: string }).id;

const storedBytes = async (): Promise<number> =>
  (await test.root.collection("_tenants").getOne<{ storageBytes: number }>(tiny.tenantId)).storageBytes;

describe("the plan's limits", () => {
  it("let parallel requests make as many services as the plan allows, and no more", async () => {
    const { token } = await signIn(tiny);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        send(records("services_tiny"), "POST", token, bodyOf("services", `service-${index}`, "")),
      ),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 200, 403, 403, 403, 403, 403, 403]);
    expect(answers.find(({ status }) => status === 403)?.text).toContain("service-limit-reached");
    expect((await test.root.collection("services_tiny").getFullList()).length).toBe(2);
  });

  it("count files and rows together, refuse what would pass the limit, and give room back", async () => {
    const who = await signIn(tiny);
    const before = await storedBytes();
    const first = await upload(who, 600_000);
    expect(first).toMatchObject({ status: 200 });
    expect(await storedBytes()).toBeGreaterThan(before + 600_000);
    const second = await upload(who, 600_000);
    expect(second).toMatchObject({ status: 403 });
    expect(second.text).toContain("storage-limit-reached");
    const url = `${records("deployments_tiny")}/${idOf(first)}`;
    expect(await send(url, "PATCH", who.token, { status: "running" })).toMatchObject({ status: 200 });
    // Members of a tenant do not delete what was deployed; the control plane does.
    await test.root.collection("deployments_tiny").delete(idOf(first));
    expect(await storedBytes()).toBe(before);
    const again = await upload(who, 600_000);
    expect(again).toMatchObject({ status: 200 });
    await test.root.collection("deployments_tiny").delete(idOf(again));
  });

  it("hold for parallel uploads, and leave no bytes counted of what was refused", async () => {
    const who = await signIn(tiny);
    const before = await storedBytes();
    const answers = await Promise.all(Array.from({ length: 6 }, () => upload(who, 300_000)));
    const made = answers.filter(({ status }) => status === 200);
    expect(made).toHaveLength(3);
    for (const answer of made) await test.root.collection("deployments_tiny").delete(idOf(answer));
    expect(await storedBytes()).toBe(before);
  });

  it("bound a single record", async () => {
    const { token } = await signIn(tiny);
    const payload = { text: "x".repeat(600_000) };
    const answer = await send(records("jobs_tiny"), "POST", token, { ...bodyOf("jobs", "job", ""), payload });
    expect([400, 403]).toContain(answer.status);
  });
});

describe("a login that has ended", () => {
  it("is told so for every method, whatever the collection's rules", async () => {
    const { token, userId } = await signIn(tiny);
    await test.stack.suspendTenant(tiny.tenantId, tiny.namespace);
    await test.stack.resumeTenant(tiny.tenantId, tiny.namespace);
    const one = `${records("users_tiny")}/${userId}`;
    const answers = [
      await send(records("nodes_tiny"), "GET", token),
      await send(records("nodes_tiny"), "POST", token, bodyOf("nodes", "late", "")),
      await send(one, "PATCH", token, { name: "late" }),
      await send(one, "DELETE", token),
      await send(records("nodes_other"), "GET", token),
      await send(`${test.server.url}/api/files/token`, "POST", token),
      await send(`${test.server.url}/api/realtime`, "POST", token, { clientId: "x", subscriptions: ["nodes_tiny"] }),
    ];
    for (const { status, text } of answers) {
      expect({ status, text }).toMatchObject({ status: 401 });
      expect(text).toContain("login-ended");
    }
  });
});

describe("a stranger", () => {
  it.each(["without a login", "of another tenant"])("%s cannot tell whether a tenant exists", async (who) => {
    const token = who === "of another tenant" ? (await signIn(other)).token : undefined;
    const ask = async (namespace: string): Promise<readonly Answer[]> => {
      const nodes = records(`nodes_${namespace}`);
      return [
        await send(nodes, "GET", token),
        await send(nodes, "POST", token, {}),
        await send(`${nodes}/abcdefghijklmno`, "PATCH", token, {}),
        await send(`${nodes}/abcdefghijklmno`, "DELETE", token),
        await send(`${test.server.url}/api/collections/users_${namespace}/auth-methods`, "GET", token),
        await send(`${test.server.url}/api/files/nodes_${namespace}/abcdefghijklmno/x.txt`, "GET", token),
      ];
    };
    const existing = await ask("tiny");
    expect(existing).toEqual(await ask("nosuchtenant"));
    expect(new Set(existing.map(({ status }) => status))).toEqual(new Set([403]));
  });
});
