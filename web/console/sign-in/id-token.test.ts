import { describe, expect, it } from "vitest";
import { readIdToken } from "./id-token.ts";

const expected = {
  issuer: "https://id.kombify.test",
  clientId: "console",
  operatorOrgId: "101",
  nonce: "n-1",
  nowEpochSeconds: 1000,
};
const roles = "urn:zitadel:iam:org:project:roles";
const good = {
  iss: expected.issuer,
  sub: "42",
  aud: ["console", "project"],
  exp: 2000,
  nonce: "n-1",
  name: "Zoë Łuczak",
  email: "zoe@acme.test",
  "urn:zitadel:iam:user:resourceowner:id": "101",
  "urn:zitadel:iam:user:resourceowner:name": "Acme",
  [roles]: { admin: { "101": "acme.test" } },
};
const tokenOf = (claims: unknown): string => `h.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.s`;

describe("readIdToken", () => {
  it("says who is signed in, for which organisation", () => {
    expect(readIdToken(tokenOf(good), expected)).toEqual({
      name: "Zoë Łuczak",
      email: "zoe@acme.test",
      organisation: "Acme",
      isAdministrator: true,
      isOperator: true,
    });
  });

  it("takes a single audience, and a person without name, organisation or role", () => {
    const { iss, sub, exp, nonce } = good;
    expect(readIdToken(tokenOf({ iss, sub, exp, nonce, aud: "console" }), expected)).toEqual({
      name: "42",
      email: "",
      organisation: "",
      isAdministrator: false,
      isOperator: false,
    });
  });

  it("does not take a role held in another organisation for one at home", () => {
    const foreign = { ...good, [roles]: { admin: { "999": "globex.test" } } };
    expect(readIdToken(tokenOf(foreign), expected).isAdministrator).toBe(false);
  });

  it("takes an administrator of a customer for no operator", () => {
    const { isAdministrator, isOperator } = readIdToken(tokenOf(good), { ...expected, operatorOrgId: "900" });
    expect({ isAdministrator, isOperator }).toEqual({ isAdministrator: true, isOperator: false });
  });

  it.each([
    ["another nonce", { nonce: "n-2" }],
    ["no nonce", { nonce: undefined }],
    ["another issuer", { iss: "https://id.evil.test" }],
    ["another client", { aud: ["other"] }],
    ["no audience", { aud: undefined }],
    ["an end in the past", { exp: 800 }],
  ])("refuses %s", (_, change) => {
    expect(() => readIdToken(tokenOf({ ...good, ...change }), expected)).toThrow();
  });

  it.each(["", "a", "a.b.c", "a.bnVsbA.c"])("refuses %j, which is no token", (token) => {
    expect(() => readIdToken(token, expected)).toThrow();
  });
});
