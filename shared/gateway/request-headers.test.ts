import { describe, expect, test } from "vitest";
import type { Caller } from "./caller.ts";
import type { HeaderOf } from "./request-headers.ts";
import { bearerTokenOf, idempotencyKeyOf, ifMatchOf, refuseDisagreement, revisionTag } from "./request-headers.ts";

const headers =
  (all: Readonly<Record<string, string>>): HeaderOf =>
  (name) =>
    all[name];
const ada: Caller = { sub: "ada", orgId: "acme", isOrganisationAdmin: false, isOperator: false };

describe("the gateway's identity headers", () => {
  test.each([
    { what: "none of them", all: {} },
    { what: "those of the token", all: { "x-user-id": "ada", "x-org-id": "acme", "x-user-email": "" } },
  ])("agree with the token: $what", ({ all }) => {
    expect(() => refuseDisagreement(headers(all), ada)).not.toThrow();
  });

  test.each([
    { "x-user-id": "bob" },
    { "x-user-id": "" },
    { "x-org-id": "globex" },
    { "x-org-id": "acme, globex" },
    { "x-user-email": "ada@acme.example" },
  ])("are refused where they do not: %o", (all) => {
    expect(() => refuseDisagreement(headers(all), ada)).toThrow("do not agree");
  });
});

test.each([undefined, "", "Bearer", "Bearer ", "Basic abc", "Bearer a b", "Bearer a,b", "xBearer abc"])(
  "no access token is read from %j",
  (value) => {
    expect(() => bearerTokenOf(() => value)).toThrow("Authorization: Bearer");
  },
);

test("an access token is read whatever the case of its scheme", () => {
  expect(bearerTokenOf(headers({ authorization: "bearer a.b-c_d.e" }))).toBe("a.b-c_d.e");
});

test("an idempotency key may be left out, and is refused when it does not print", () => {
  expect(idempotencyKeyOf(headers({}))).toBeUndefined();
  expect(idempotencyKeyOf(() => null)).toBeUndefined();
  expect(idempotencyKeyOf(headers({ "idempotency-key": "a".repeat(255) }))).toHaveLength(255);
  for (const key of ["", " ", "a b", "ä", "a".repeat(256)]) expect(() => idempotencyKeyOf(() => key)).toThrow("1 to");
});

test("a revision is read from its tag, and from nothing else", () => {
  expect(ifMatchOf(headers({ "if-match": revisionTag(12) }))).toBe(12);
  for (const tag of [undefined, "12", 'W/"12"', "*", '"1", "2"', '"-1"', '"1e3"']) {
    expect(() => ifMatchOf(() => tag)).toThrow("If-Match");
  }
});
