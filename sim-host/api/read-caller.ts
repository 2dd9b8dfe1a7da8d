import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { AccessTokenVerifier } from "../../shared/gateway/access-token.ts";
import type { Caller, CallerRules } from "../../shared/gateway/caller.ts";
import { callerFromClaims } from "../../shared/gateway/caller.ts";
import { bearerTokenOf, refuseDisagreement } from "../../shared/gateway/request-headers.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { Tenants } from "../control-plane/ports.ts";
import type { TenantStanding } from "../simulations/ports.ts";
import { headerOf } from "./read-headers.ts";

/** Who is calling, and the tenant they act for. */
export interface SignedCall {
  readonly caller: Caller;
  readonly standing: TenantStanding;
  /** Until when the token is good, in milliseconds since 1970: no answer lasts longer. */
  readonly expiresAtMilliseconds: number;
}

interface Deps {
  readonly verifier: AccessTokenVerifier;
  readonly callerRules: CallerRules;
  readonly tenants: Tenants;
}

const Expiry = z.object({ exp: z.number() });

/** What is allowed by the plan, and the list, which says what is. */
const dependsOnPlan = ({ method, routeOptions }: FastifyRequest): boolean =>
  method !== "GET" || routeOptions.url === "/v1/simulations";

/**
 * Verifies the access token again behind the gateway, and asks for the tenant of who it is about.
 * @throws DomainError `unauthenticated`, `identity-provider-unavailable`, and what `Tenants.standingOf` throws
 */
export const makeReadCaller =
  ({ verifier, callerRules, tenants }: Deps) =>
  async (request: FastifyRequest): Promise<SignedCall> => {
    const header = headerOf(request);
    const claims = await verifier.verify(bearerTokenOf(header));
    const caller = callerFromClaims(claims, callerRules);
    refuseDisagreement(header, caller);
    const expiry = Expiry.safeParse(claims);
    if (!expiry.success) throw new DomainError("unauthenticated", "The access token never expires.");
    const standing = await tenants.standingOf(caller, dependsOnPlan(request));
    return { caller, standing, expiresAtMilliseconds: expiry.data.exp * 1000 };
  };
