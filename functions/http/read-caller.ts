import type { HttpRequest } from "@azure/functions";
import type { AccessTokenVerifier } from "../../shared/gateway/access-token.ts";
import type { Caller, CallerRules } from "../../shared/gateway/caller.ts";
import { callerFromClaims, requireOperator } from "../../shared/gateway/caller.ts";
import { bearerTokenOf, refuseDisagreement } from "../../shared/gateway/request-headers.ts";

/** Reads who is calling; the function key has already proven that it came through the gateway. */
export type ReadCaller = (request: HttpRequest) => Promise<Caller>;

/**
 * `refresh`: the caller by what has become known since the token was issued.
 * @throws DomainError `unauthenticated`, `identity-provider-unavailable`, `access-withdrawn`
 */
export const makeReadCaller =
  (
    verifier: AccessTokenVerifier,
    rules: CallerRules,
    refresh: (caller: Caller) => Promise<Caller> = (caller) => Promise.resolve(caller),
  ): ReadCaller =>
  async (request) => {
    const header = (name: string): string | null => request.headers.get(name);
    const caller = callerFromClaims(await verifier.verify(bearerTokenOf(header)), rules);
    refuseDisagreement(header, caller);
    return refresh(caller);
  };

/** As `readCaller`, for operators only. @throws DomainError also `forbidden` */
export const operatorOnly =
  (readCaller: ReadCaller): ReadCaller =>
  async (request) => {
    const caller = await readCaller(request);
    requireOperator(caller);
    return caller;
  };
