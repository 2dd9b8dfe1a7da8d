import { expect, test } from "vitest";
import { aCaller, testContention } from "../../tests/support/builders.ts";
import { sqliteDocumentStore } from "../adapters/sqlite/document-store.ts";
import { makeRefreshCaller } from "./refresh-caller.ts";
import { User } from "./user.ts";
import { openUserStore } from "./user-store.ts";

const readAt = "2026-01-01T12:00:00.000Z";
const readSeconds = Date.parse(readAt) / 1000;
const [home, operators] = ["300000000000000101", "300000000000000001"];
const older = aCaller({ issuedAtEpochSeconds: readSeconds - 3600, isOrganisationAdmin: true });
const newer = aCaller({ issuedAtEpochSeconds: readSeconds + 60, isOrganisationAdmin: true });

const aStore = async (change: Partial<User> | undefined) => {
  const users = openUserStore(sqliteDocumentStore(":memory:"), () => new Date(readAt), testContention);
  if (change !== undefined) {
    const base = { id: older.sub, orgId: home, isOrganisationAdmin: false, seenAt: readAt };
    await users.change(older.sub, () => User.parse({ ...base, ...change }));
  }
  return { users, refresh: makeRefreshCaller({ users, operatorOrgId: operators }) };
};
const grant = (orgId: string, ...roles: string[]) => ({ id: `g-${orgId}`, orgId, roles });

test("somebody who is known from tokens only is as the token says", async () => {
  for (const known of [undefined, {}]) expect(await (await aStore(known)).refresh(older)).toEqual(older);
});

test("the record's roles count when it was read after the token was issued, the token's otherwise", async () => {
  const taken = await aStore({ readAt, grants: [grant(home, "member")] });
  expect((await taken.refresh(older)).isOrganisationAdmin).toBe(false);
  expect((await taken.refresh(newer)).isOrganisationAdmin).toBe(true);
  const given = await aStore({ readAt, grants: [grant(home, "admin")] });
  expect((await given.refresh({ ...older, isOrganisationAdmin: false })).isOrganisationAdmin).toBe(true);
});

test("a token without a time of issue is older than any record", async () => {
  const { issuedAtEpochSeconds: _time, ...timeless } = older;
  expect((await (await aStore({ readAt })).refresh(timeless)).isOrganisationAdmin).toBe(false);
});

test("a role counts in the organisation it was granted for, the operators' as well", async () => {
  const { refresh } = await aStore({ readAt, grants: [grant(operators, "admin"), grant(home, "member")] });
  expect(await refresh(older)).toMatchObject({ isOrganisationAdmin: false, isOperator: false });
  const operator = { ...older, orgId: operators, isOperator: true };
  expect(await refresh(operator)).toMatchObject({ isOrganisationAdmin: true, isOperator: true });
  expect(await (await aStore({ readAt })).refresh(operator)).toMatchObject({ isOperator: false });
});

test.each([
  ["removed", { status: "removed" }],
  ["deactivated", { status: "deactivated" }],
  ["without any role at home, having had one", { wasGranted: true, grants: [grant(operators, "admin")] }],
] as const)("who is %s is refused, however new the token", async (_name, change) => {
  const { refresh } = await aStore({ readAt, ...change, grants: "grants" in change ? [...change.grants] : [] });
  for (const caller of [older, newer])
    await expect(refresh(caller)).rejects.toMatchObject({ code: "access-withdrawn" });
});

test("who never had a role is as before: belonging to the organisation is enough", async () => {
  expect(await (await aStore({ readAt })).refresh({ ...older, isOrganisationAdmin: false })).toMatchObject({
    sub: older.sub,
  });
});

test("an older token does not bring back what the record knows to be over", async () => {
  const { users } = await aStore({ readAt, email: "new@acme.example", grants: [grant(home, "member")] });
  expect(await users.remember(older)).toMatchObject({ email: "new@acme.example", isOrganisationAdmin: false });
  expect(await users.remember(newer)).toMatchObject({ email: newer.email, isOrganisationAdmin: true, readAt });
});
