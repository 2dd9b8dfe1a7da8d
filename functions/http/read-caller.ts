import type { HttpRequest } from "@azure/functions";
import type { AccessTokenVerifier } from "../../shared/gateway/access-token.ts";
import type { Caller, CallerRules } from "../../shared/gateway/caller.ts";
import { callerFromClaims, requireOperator } from "../../shared/gateway/caller.ts";
import { DomainError } from "../../shared/kernel/errors.ts";

/** Reads who is calling; the function key has already proven that it came through the gateway. */
export type ReadCaller = (request: HttpRequest) => Promise<Caller>;

/** The gateway's identity headers (contract C2) repeat the token; where they do not, somebody forged one of them. */
const refuseDisagreement = (request: HttpRequest, caller: Caller): void => {
  const claimed = { "x-user-id": caller.sub, "x-org-id": caller.orgId, "x-user-email": caller.email };
  for (const [header, expected] of Object.entries(claimed)) {
    const value = request.headers.get(header);
    if (value !== null && value !== (expected ?? "")) {
      throw new DomainError("unauthenticated", "The gateway's identity headers do not agree with the access token.");
    }
  }
};

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
    const token = /^Bearer ([\w.~+/=-]+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    if (token === undefined) {
      throw new DomainError("unauthenticated", "Send an access token in the header Authorization: Bearer <token>.");
    }
    const caller = callerFromClaims(await verifier.verify(token), rules);
    refuseDisagreement(request, caller);
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
