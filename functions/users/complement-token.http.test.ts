import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { aDirectoryModel } from "../../tests/support/directory-model.ts";
import { aPeopleRoom, callBodyOf, webhookKey } from "../../tests/support/people.ts";
import { tenantIdOf } from "../../shared/tenants/tenant.ts";
import type { Tenant } from "../../shared/tenants/tenant.ts";

const bodyOf = (sub: string, orgId: string): string =>
  JSON.stringify({
    function: "function/preaccesstoken",
    userinfo: { sub },
    user: { id: sub, human: { email: "ann@org1.example" } },
    org: { id: orgId, name: "One" },
    user_grants: [],
  });

const aRoom = async (change: Partial<Tenant> = {}) => {
  const model = aDirectoryModel();
  model.addOrganisation("org1");
  model.addUser("ann", "org1");
  const room = aPeopleRoom(model);
  await room.addTenant("org1", change);
  const deliver = async (): Promise<void> => {
    for (const event of model.log) await room.call({ body: callBodyOf(event) });
    await room.work();
  };
  return { model, room, deliver, ask: () => room.askForClaims({ body: bodyOf("ann", "org1") }) };
};
const nothing = { status: 200, body: {} };

test("tells the tenant and its plan as they are now", async () => {
  const { ask, room } = await aRoom({ plan: "pro" });
  expect(await ask()).toEqual({
    status: 200,
    body: {
      append_claims: [
        { key: "urn:kombify:plan", value: "pro" },
        { key: "urn:kombify:tenant", value: tenantIdOf("org1") },
      ],
    },
  });
  await room.changeAccess("org1", "suspended");
  expect(await ask()).toEqual(nothing);
});

test.each(["waiting", "provisioning", "failed", "cancelled", "suspended"] as const)(
  "tells nothing of a tenant that is %s",
  async (status) => {
    expect(await (await aRoom({ status })).ask()).toEqual(nothing);
  },
);

test("tells nothing to somebody without a tenant, or who may not come in any more", async () => {
  const { model, room, deliver, ask } = await aRoom();
  expect(await room.askForClaims({ body: bodyOf("ann", "org2") })).toEqual(nothing);
  model.setActive("ann", false);
  await deliver();
  expect(await ask()).toEqual(nothing);
});

test.each([
  ["401 without a signature", 401, { body: bodyOf("ann", "org1"), signature: null }],
  ["401 with the webhook's key", 401, { body: bodyOf("ann", "org1"), key: webhookKey }],
  ["400 for garbage that is signed", 400, { body: "hello" }],
  ["400 for ids that lead elsewhere", 400, { body: bodyOf("../x", "org1") }],
  ["413 for a body of a megabyte", 413, { body: "x".repeat(1_000_000) }],
])("%s", async (_name, status, sent) => {
  expect((await (await aRoom()).room.askForClaims(sent)).status).toBe(status);
});

test("answers without claims when the store fails, or takes too long, in half a second at most", async () => {
  const { room, ask } = await aRoom();
  room.users.find = () => Promise.reject(new Error("The store is down."));
  expect(await ask()).toEqual(nothing);
  room.users.find = () => sleep(5_000, undefined, { ref: false });
  const begun = performance.now();
  expect(await ask()).toEqual(nothing);
  expect(performance.now() - begun).toBeLessThan(1_500);
});
