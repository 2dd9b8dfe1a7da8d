import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { connectRealtime } from "./isolation-realtime.ts";
import { expectProblem } from "./support/expect-problem.ts";
import { jsonOf, send } from "./support/http-call.ts";
import { mintToken } from "./support/people.ts";
import type { Session } from "./support/sessions.ts";
import { enter, exchange, launch, readOneself } from "./support/sessions.ts";
import type { Stage } from "./support/stage.ts";
import { openStage } from "./support/stage.ts";

const globexOrgId = "300000000000000201";
const patienceMilliseconds = 20_000;

let stage: Stage;
let gateway: string;

beforeAll(async () => {
  stage = await openStage();
  gateway = stage.platform.gateway;
});
afterAll(() => stage.platform.stop());

const change = async (what: "users" | "organisations" | "grants" | "deliveries", json: unknown): Promise<void> => {
  const answer = await send(stage.platform.identityProvider, { path: `/dev/${what}`, json });
  expect({ status: answer.status, body: answer.text }).toMatchObject({ status: 200 });
};
const tokenOf = (email: string): Promise<string> => mintToken(stage.platform.identityProvider, { email });
/** Whether the person is let in: 200 with a tenant that is active. Launching itself is limited to once a second. */
const standing = async (token: string): Promise<string> => {
  const answer = await send(gateway, { path: "/api/tenant", token });
  return answer.status === 200 ? z.looseObject({ status: z.string() }).parse(jsonOf(answer)).status : "refused";
};
const soon = <T>(ask: () => Promise<T>, wanted: T): Promise<void> =>
  expect.poll(ask, { timeout: patienceMilliseconds, interval: 250 }).toEqual(wanted);
const listen = async ({ token, record, tenant }: Session) => {
  const client = await connectRealtime(tenant.instance.publicEndpoint);
  expect(await client.subscribe([`${record.collectionName}/*`], token)).toBe(204);
  return client;
};
const isOver = (client: { readonly ended: Promise<void> }): Promise<boolean> =>
  client.ended.then(
    () => true,
    () => false,
  );

const Tenants = z.object({ tenants: z.array(z.looseObject({ slug: z.string(), id: z.string() })) });
const tenantOf = async (slug: string) => {
  const answer = await stage.ask("operator", { path: "/api/admin/tenants" });
  return Tenants.parse(jsonOf(answer)).tenants.find((tenant) => tenant.slug === slug);
};

describe("a person", () => {
  test("who is removed in the identity provider loses the open session and every way back", async () => {
    const [ben, ada] = [await tokenOf("ben@acme.example"), await tokenOf("ada@acme.example")];
    const [session, other] = [await enter(gateway, ben), await enter(gateway, ada)];
    const unused = (await launch(gateway, ben)).token;
    const [connection, kept] = [await listen(session), await listen(other)];
    expect(await readOneself(session)).toBe(200);
    await change("users", { email: "ben@acme.example", action: "remove" });
    await soon(() => readOneself(session), 401);
    expect(await isOver(connection)).toBe(true);
    expectProblem(await exchange(gateway, unused), 403, "access-withdrawn");
    expectProblem(
      await send(gateway, { method: "POST", path: "/api/tenant/launch", token: ben }),
      403,
      "access-withdrawn",
    );
    expectProblem(await send(gateway, { path: "/api/tenant", token: ben }), 403, "access-withdrawn");
    expect(await readOneself(other)).toBe(200);
    kept.close();
  });

  test("who is deactivated, locked or without any role is out, and in again when that is over", async () => {
    const email = "cleo@acme.example";
    const token = await tokenOf(email);
    const outAndIn = async (out: () => Promise<void>, back: () => Promise<void>): Promise<void> => {
      const session = await enter(gateway, token);
      await out();
      await soon(() => readOneself(session), 401);
      expect(await standing(token)).toBe("refused");
      await back();
      await soon(() => standing(token), "active");
      expect(await readOneself(session)).toBe(401);
      expect(await readOneself(await enter(gateway, token))).toBe(200);
    };
    await outAndIn(
      () => change("users", { email, action: "deactivate" }),
      () => change("users", { email, action: "reactivate" }),
    );
    await outAndIn(
      () => change("users", { email, action: "lock" }),
      () => change("users", { email, action: "unlock" }),
    );
    await outAndIn(
      () => change("grants", { email, roles: [] }),
      () => change("grants", { email, roles: ["member"] }),
    );
  });

  test("has a new role at once, with the old token and in the open session", async () => {
    const olivia = "olivia@kombify.example";
    const token = await tokenOf(olivia);
    const adminStatus = async () => (await send(gateway, { path: "/api/admin/directory", token })).status;
    expect(await adminStatus()).toBe(200);
    await change("grants", { email: olivia, roles: ["member"] });
    await soon(adminStatus, 403);
    await change("grants", { email: olivia, roles: ["admin"] });
    await soon(adminStatus, 200);

    const session = await enter(gateway, await tokenOf("iris@globex.example"));
    const role = async () => {
      const { origin, pathname } = new URL(session.tenant.instance.publicEndpoint);
      const path = `${pathname}/api/collections/${session.record.collectionName}/records/${session.record.id}`;
      const answer = await send(origin, { path, headers: { authorization: session.token } });
      return z.looseObject({ role: z.string() }).parse(jsonOf(answer)).role;
    };
    expect(await role()).toBe("member");
    await change("grants", { email: "iris@globex.example", roles: ["admin"] });
    await soon(role, "admin");
  });

  test("whose removal no webhook told of is found in the log", async () => {
    const email = "hugo@globex.example";
    const session = await enter(gateway, await tokenOf(email));
    await change("deliveries", { isHeld: true });
    await change("users", { email, action: "remove" });
    await change("deliveries", { isHeld: false });
    const { functions, keys } = stage.platform;
    const run = { path: "/admin/functions/reconcile-directory", json: {}, headers: { "x-functions-key": keys.master } };
    expect((await send(functions, run)).status).toBe(202);
    await soon(() => readOneself(session), 401);
    const isRead = async () => {
      const view = jsonOf(await stage.ask("operator", { path: "/api/admin/directory" }));
      return z.looseObject({ cursor: z.string().nullable() }).parse(view).cursor !== null;
    };
    await soon(isRead, true);
  });
});

describe("an organisation", () => {
  test("that is deactivated has its tenant suspended, and resumed when it is active again", async () => {
    const token = await tokenOf("gina@globex.example");
    const session = await enter(gateway, token);
    await change("organisations", { orgId: globexOrgId, action: "deactivate" });
    await soon(() => readOneself(session), 401);
    expectProblem(await send(gateway, { method: "POST", path: "/api/tenant/launch", token }), 403, "tenant-suspended");
    expect(await tenantOf("globex")).toMatchObject({ status: "suspended", suspendedBy: ["organisation"] });
    await change("organisations", { orgId: globexOrgId, action: "reactivate" });
    await soon(() => standing(token), "active");
    expect(await readOneself(session)).toBe(401);
    expect(await readOneself(await enter(gateway, token))).toBe(200);
    expect(await tenantOf("globex")).toMatchObject({ status: "active", suspendedBy: [] });
  });

  test("that comes back does not lift an operator's suspension", async () => {
    const { id = "" } = (await tenantOf("globex")) ?? {};
    const operate = (verb: string) =>
      stage.ask("operator", { method: "POST", path: `/api/admin/tenants/${id}/${verb}` });
    const reasons = async () => (await tenantOf("globex"))?.["suspendedBy"];
    expect((await operate("suspend")).status).toBe(200);
    await change("organisations", { orgId: globexOrgId, action: "deactivate" });
    await soon(reasons, ["operator", "organisation"]);
    await change("organisations", { orgId: globexOrgId, action: "reactivate" });
    await soon(reasons, ["operator"]);
    expect(jsonOf(await operate("resume"))).toMatchObject({ status: "active", suspendedBy: [] });
  });
});

test("a token says which tenant and which plan, and nothing of either while the tenant is suspended", async () => {
  const claims = async () => decodeJwt(await tokenOf("gina@globex.example"));
  const { id = "" } = (await tenantOf("globex")) ?? {};
  expect(await claims()).toMatchObject({ "urn:kombify:tenant": id, "urn:kombify:plan": "free" });
  await stage.ask("operator", { method: "POST", path: `/api/admin/tenants/${id}/suspend` });
  const silent = await claims();
  expect([silent["urn:kombify:tenant"], silent["urn:kombify:plan"]]).toEqual([undefined, undefined]);
  await stage.ask("operator", { method: "POST", path: `/api/admin/tenants/${id}/resume` });
});
