import { z } from "zod";
import type { Clock } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { Logger } from "../kernel/logger.ts";
import type { Tenant } from "../tenants/tenant.ts";
import { standingOf, tenantIdOf } from "../tenants/tenant.ts";
import type { SigningKeys } from "./signing-keys.ts";
import type { UserStore } from "./user-store.ts";
import { refusalOf } from "./user.ts";
import type { SignedCall } from "./verify-call.ts";
import { verifyCall } from "./verify-call.ts";

/** The answer of an Actions v2 function target. */
export interface ComplementAnswer {
  readonly append_claims?: readonly { readonly key: string; readonly value: string }[];
}

/** Answers the identity provider, which is about to sign a token, with the tenant's id and plan. */
export type ComplementToken = (call: SignedCall) => Promise<ComplementAnswer>;

interface ComplementDeps {
  readonly complementKeys: SigningKeys;
  readonly users: Pick<UserStore, "find">;
  readonly findTenant: (tenantId: string) => Promise<Tenant | undefined>;
  readonly clock: Clock;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly log: Logger;
}

const Id = z.string().regex(/^[\w-]{1,64}$/);
/** The same body for `preuserinfo` and `preaccesstoken`; the organisation is the person's own. */
const Body = z.object({ user: z.object({ id: Id }), org: z.object({ id: Id }) });

/** Somebody waits at a sign-in page: a token without these claims means the least of rights and is better than none. */
const patienceMilliseconds = 400;

const nothing: ComplementAnswer = {};

const readBody = (body: Uint8Array): z.infer<typeof Body> => {
  try {
    return Body.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)));
  } catch {
    // Without the cause: it may quote the person's data.
    throw new DomainError("invalid-input", "The body is not the call of a function target.");
  }
};

/**
 * From our own store only. Whoever may not come in, or whose organisation has no usable tenant, gets no claim. The plan in
 * a token is a hint: what it allows is read from the store.
 * @throws DomainError `zitadel-signature-invalid`, `invalid-input`, `unavailable`
 */
export const makeComplementToken = (deps: ComplementDeps): ComplementToken => {
  const { complementKeys, users, findTenant, clock, sleep, log } = deps;
  const claimsOf = async (sub: string, orgId: string): Promise<ComplementAnswer> => {
    const [user, tenant] = await Promise.all([users.find(sub), findTenant(tenantIdOf(orgId))]);
    if (user !== undefined && refusalOf(user) !== undefined) return nothing;
    if (tenant === undefined || standingOf(tenant) !== "active") return nothing;
    return {
      append_claims: [
        { key: "urn:kombify:plan", value: tenant.plan },
        { key: "urn:kombify:tenant", value: tenant.tenantId },
      ],
    };
  };
  return async (call) => {
    await verifyCall(complementKeys, clock, call);
    const { user, org } = readBody(call.body);
    const late = sleep(patienceMilliseconds).then(() => undefined);
    const found = claimsOf(user.id, org.id).catch((error: unknown) => {
      log.error("a token goes without its claims", { reason: error instanceof Error ? error.name : "unknown failure" });
      return nothing;
    });
    const answer = await Promise.race([found, late]);
    if (answer === undefined) log.warn("a token goes without its claims: the store took too long");
    return answer ?? nothing;
  };
};
