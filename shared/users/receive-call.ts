import type { AcceptEvent } from "../events/accept-event.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SigningKeys } from "./signing-keys.ts";
import type { SignedCall } from "./verify-call.ts";
import { verifyCall } from "./verify-call.ts";
import { readCall } from "./zitadel-event.ts";

/** What became of a call: kept for a worker, known already, or of a type that nobody here acts on. */
export type ReceivedCall = "accepted" | "repeated" | "ignored";

/** Takes an event call of the identity provider (contract C4). Never the body is kept, only ids of it. */
export type ReceiveCall = (call: SignedCall) => Promise<ReceivedCall>;

interface ReceiveCallDeps {
  readonly webhookKeys: SigningKeys;
  readonly acceptEvent: AcceptEvent;
  readonly clock: Clock;
}

/** @throws DomainError `zitadel-signature-invalid`, `invalid-input`, `unavailable` */
export const makeReceiveCall =
  ({ webhookKeys, acceptEvent, clock }: ReceiveCallDeps): ReceiveCall =>
  async (call) => {
    await verifyCall(webhookKeys, clock, call);
    const incoming = readCall(call.body);
    if (incoming === undefined) return "ignored";
    return (await acceptEvent(incoming)).isNew ? "accepted" : "repeated";
  };
