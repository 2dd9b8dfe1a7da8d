import { DomainError } from "../kernel/errors.ts";
import type { Caller } from "./caller.ts";

/** A header of a request by its lower-case name; undefined or null when it was not sent. */
export type HeaderOf = (name: string) => string | null | undefined;

/** The access token of `Authorization: Bearer <token>`. @throws DomainError `unauthenticated` without one */
export const bearerTokenOf = (header: HeaderOf): string => {
  const token = /^Bearer ([\w.~+/=-]+)$/i.exec(header("authorization") ?? "")?.[1];
  if (token !== undefined) return token;
  throw new DomainError("unauthenticated", "Send an access token in the header Authorization: Bearer <token>.");
};

/**
 * The gateway's identity headers (contract C2) repeat the token; where they do not, somebody forged one of them.
 * @throws DomainError `unauthenticated`
 */
export const refuseDisagreement = (header: HeaderOf, caller: Caller): void => {
  const claimed = { "x-user-id": caller.sub, "x-org-id": caller.orgId, "x-user-email": caller.email };
  for (const [name, expected] of Object.entries(claimed)) {
    const value = header(name) ?? undefined;
    if (value !== undefined && value !== (expected ?? "")) {
      throw new DomainError("unauthenticated", "The gateway's identity headers do not agree with the access token.");
    }
  }
};

/** The Idempotency-Key, if any. @throws DomainError `invalid-input` for one that is empty, long or not printable */
export const idempotencyKeyOf = (header: HeaderOf): string | undefined => {
  const key = header("idempotency-key") ?? undefined;
  if (key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new DomainError("invalid-input", "Idempotency-Key must be 1 to 255 printable ASCII characters without spaces.");
};

/** A revision as the ETag of its resource. */
export const revisionTag = (revision: number): string => `"${revision}"`;

/** The revision a change is asked for on. @throws DomainError `invalid-input` without an If-Match of one revision */
export const ifMatchOf = (header: HeaderOf): number => {
  const revision = /^"(\d{1,15})"$/.exec(header("if-match") ?? "")?.[1];
  if (revision !== undefined) return Number(revision);
  throw new DomainError(
    "invalid-input",
    'Send the ETag that was read in the header If-Match, for example If-Match: "3".',
  );
};
