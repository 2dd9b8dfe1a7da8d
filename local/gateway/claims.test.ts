import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  bearerToken,
  claimFault,
  identityHeaders,
  isPlainUpgrade,
  isAcceptableJwksUri,
  isStrippedHeader,
  keyIdOf,
  withoutFunctionCode,
} from "./claims.ts";

const members = z.record(z.string(), z.unknown());
const Cases = z.strictObject({
  expected: z.strictObject({ issuer: z.string(), audiences: z.array(z.string()), nowEpochSeconds: z.number() }),
  headerNames: z.array(z.tuple([z.string(), z.boolean()])),
  upgrades: z.array(z.tuple([z.string().nullable(), z.string().nullable(), z.string().nullable(), z.boolean()])),
  queries: z.array(z.tuple([z.string(), z.string()])),
  authorizations: z.array(z.tuple([z.string(), z.string().nullable()])),
  protectedHeaders: z.array(z.tuple([members, z.string().nullable()])),
  jwksUris: z.array(z.tuple([z.string(), z.boolean()])),
  claims: z.array(z.strictObject({ title: z.string(), claims: members, fault: z.string().nullable() })),
  identities: z.array(z.tuple([members, z.record(z.string(), z.string())])),
});

const file = new URL("../../kong/plugins/kombify-auth/claims.cases.json", import.meta.url);
const cases = Cases.parse(JSON.parse(await readFile(file, "utf8")));

describe("the claims rules shared with Kong's plugin", () => {
  it.each(cases.headerNames)("header %s is stripped: %s", (name, isStripped) => {
    expect(isStrippedHeader(name)).toBe(isStripped);
  });

  it.each(cases.upgrades)(
    "upgrade %j with length %j and coding %j is plain: %s",
    (upgrade, length, coding, isPlain) => {
      expect(isPlainUpgrade(upgrade ?? undefined, length ?? undefined, coding ?? undefined)).toBe(isPlain);
    },
  );

  it.each(cases.queries)("query %j becomes %j", (query, kept) => {
    expect(withoutFunctionCode(query)).toBe(kept);
  });

  it.each(cases.authorizations)("authorization %j carries %j", (authorization, token) => {
    expect(bearerToken(authorization) ?? null).toBe(token);
  });

  it.each(cases.protectedHeaders)("protected header %j names key %j", (header, kid) => {
    expect(keyIdOf(header) ?? null).toBe(kid);
  });

  it.each(cases.jwksUris)("key set address %j is acceptable: %s", (uri, isAcceptable) => {
    expect(isAcceptableJwksUri(uri)).toBe(isAcceptable);
  });

  it.each(cases.claims)("$title: fault $fault", ({ claims, fault }) => {
    expect(claimFault(claims, cases.expected) ?? null).toBe(fault);
  });

  it.each(cases.identities)("claims %j make headers %j", (claims, headers) => {
    expect(identityHeaders(claims)).toEqual(headers);
  });
});
