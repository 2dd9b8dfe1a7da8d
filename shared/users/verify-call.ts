import type { Clock } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { SigningKeys } from "./signing-keys.ts";
import { isSignedByZitadel } from "./zitadel-signature.ts";

/** A call as it came: nothing in it is believed, or even parsed, before its signature is found good. */
export interface SignedCall {
  /** The header `ZITADEL-Signature`. */
  readonly signature: string | null;
  readonly body: Uint8Array;
}

/** @throws DomainError `zitadel-signature-invalid`; `unavailable` without a key */
export const verifyCall = async (keys: SigningKeys, clock: Clock, { signature, body }: SignedCall): Promise<void> => {
  if (isSignedByZitadel(await keys.current(), signature, body, clock())) return;
  const renewed = await keys.renewed();
  if (renewed !== undefined && isSignedByZitadel(renewed, signature, body, clock())) return;
  throw new DomainError(
    "zitadel-signature-invalid",
    "The header ZITADEL-Signature does not belong to this body, or is older or newer than five minutes.",
  );
};
