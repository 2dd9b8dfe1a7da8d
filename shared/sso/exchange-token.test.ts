import { exportJWK, generateKeyPair } from "jose";
import { expect, test } from "vitest";
import { aTenantOf } from "../../tests/support/people.ts";
import { DomainError } from "../kernel/errors.ts";
import type { Stack } from "../stack/stack.ts";
import { tenantIdOf } from "../tenants/tenant.ts";
import { refuseWithdrawn } from "../users/refresh-caller.ts";
import { makeExchangeToken } from "./exchange-token.ts";
import { audienceOf, signLaunchToken } from "./launch-token.ts";
import type { KnownUser } from "./ports.ts";

const now = new Date("2026-01-01T00:00:00.000Z");
const issuer = "http://localhost:8000";
const active: KnownUser = {
  orgId: "org1",
  isOrganisationAdmin: false,
  status: "active",
  wasGranted: false,
  grants: [],
};

/** An exchange during which the record of the person changes as it is asked for: first, then afterwards. */
const anExchange = async (records: readonly (KnownUser | undefined)[]) => {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: "k", alg: "ES256" };
  const keys = {
    signer: () => Promise.resolve({ kid: "k", key: privateKey }),
    publicKeys: () => Promise.resolve({ keys: [jwk] }),
    rotate: () => Promise.resolve(false),
  } as unknown as Parameters<typeof makeExchangeToken>[0]["keys"];
  const done: string[] = [];
  const stack = {
    openSession: () => {
      done.push("open");
      return Promise.resolve({ kind: "opened", session: { token: "session", record: {} } });
    },
    endSessions: () => {
      done.push("end");
      return Promise.resolve();
    },
  } as unknown as Stack;
  const left = [...records];
  const endpoints = { internalEndpoint: "http://stack-1", publicEndpoint: "http://stack-1" };
  const exchange = makeExchangeToken({
    tenants: { read: () => Promise.resolve(aTenantOf("org1")), endpoints: () => Promise.resolve(endpoints) },
    users: {
      find: () => Promise.resolve(left.shift()),
      remember: () => Promise.reject(new DomainError("unavailable", "Not asked for here.")),
      refuse: refuseWithdrawn,
    },
    keys,
    once: { consume: () => Promise.resolve(true) },
    stacks: { at: () => stack },
    clock: () => now,
    publicBaseUrl: issuer,
  });
  const token = await signLaunchToken(keys, {
    ...{ iss: issuer, aud: audienceOf("stack-1"), sub: "ann", tid: tenantIdOf("org1"), org: "org1" },
    ...{ jti: "a-nonce-of-more-than-128-bits", iat: now.getTime() / 1000 },
  });
  return { done, run: () => exchange(token) };
};

test("who is still welcome afterwards gets the session", async () => {
  const { run, done } = await anExchange([active, active]);
  expect(await run()).toMatchObject({ token: "session" });
  expect(done).toEqual(["open"]);
});

test.each<readonly [string, KnownUser]>([
  ["removed", { ...active, status: "removed" }],
  ["deactivated", { ...active, status: "deactivated" }],
  ["without a role", { ...active, wasGranted: true }],
])("who is %s is refused before a session is made, and after it is made has it ended", async (_name, gone) => {
  const before = await anExchange([gone]);
  await expect(before.run()).rejects.toMatchObject({ code: "access-withdrawn" });
  expect(before.done).toEqual([]);
  const meanwhile = await anExchange([active, gone]);
  await expect(meanwhile.run()).rejects.toMatchObject({ code: "access-withdrawn" });
  expect(meanwhile.done).toEqual(["open", "end"]);
});
