import { expect, test } from "vitest";
import { callerFromClaims, requireOperator, requireOrganisation } from "./caller.ts";

const rules = { projectId: "project", operatorOrgId: "operators" };
const projectRoles = "urn:zitadel:iam:org:project:project:roles";
const anyRoles = "urn:zitadel:iam:org:project:roles";
const orgId = "urn:zitadel:iam:user:resourceowner:id";

test.each([
  {
    what: "admin of the own organisation",
    claims: { [projectRoles]: { admin: { acme: "acme.example" } } },
    isAdmin: true,
  },
  { what: "the same by the claim without a project", claims: { [anyRoles]: { admin: { acme: "x" } } }, isAdmin: true },
  {
    what: "admin of another organisation only (JT-25)",
    claims: { [projectRoles]: { admin: { globex: "x" } } },
    isAdmin: false,
  },
  { what: "a member", claims: { [projectRoles]: { member: { acme: "x" } } }, isAdmin: false },
  {
    what: "roles of another project",
    claims: { "urn:zitadel:iam:org:project:other:roles": { admin: { acme: "x" } } },
    isAdmin: false,
  },
  { what: "a role map that is none", claims: { [projectRoles]: "admin" }, isAdmin: false },
  { what: "a role map of inherited members", claims: { [projectRoles]: {} }, isAdmin: false },
])("organisation admin is judged by the organisation below the role: $what", ({ claims, isAdmin }) => {
  const caller = callerFromClaims({ sub: "person", [orgId]: "acme", ...claims }, rules);
  expect(caller).toMatchObject({ orgId: "acme", isOrganisationAdmin: isAdmin, isOperator: false });
});

test("inherited names are no organisations", () => {
  const caller = callerFromClaims({ sub: "person", [orgId]: "constructor", [projectRoles]: { admin: {} } }, rules);
  expect(caller.isOrganisationAdmin).toBe(false);
});

test("an operator is an admin who belongs to the operating organisation", () => {
  const roles = { [projectRoles]: { admin: { operators: "x", acme: "x" } } };
  const operator = callerFromClaims({ sub: "person", [orgId]: "operators", ...roles }, rules);
  const guest = callerFromClaims({ sub: "person", [orgId]: "acme", ...roles }, rules);
  expect(() => requireOperator(operator)).not.toThrow();
  expect(() => requireOperator(guest)).toThrow(expect.objectContaining({ code: "forbidden" }) as Error);
});

test.each([{}, { sub: "" }, { sub: 5 }, { sub: "a b" }, { sub: "x".repeat(129) }, { sub: "ok", [orgId]: "a/b" }])(
  "malformed identity claims are refused: %j",
  (claims) => {
    expect(() => callerFromClaims(claims, rules)).toThrow(
      expect.objectContaining({ code: "unauthenticated" }) as Error,
    );
  },
);

test("without an organisation the caller is told which scope is missing", () => {
  const caller = callerFromClaims({ sub: "person", email: 5, name: "Ada" }, rules);
  expect(caller).toEqual({ sub: "person", name: "Ada", isOrganisationAdmin: false, isOperator: false });
  expect(() => requireOrganisation(caller)).toThrow(/urn:zitadel:iam:user:resourceowner/);
});
