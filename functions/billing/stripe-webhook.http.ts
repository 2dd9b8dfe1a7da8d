import type { HttpRequest } from "@azure/functions";
import type { ReadWebhook } from "../../shared/billing/ports.ts";
import type { AcceptEvent } from "../../shared/events/accept-event.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";

interface Deps {
  readonly readStripeWebhook: ReadWebhook;
  readonly acceptEvent: AcceptEvent;
}

const bodyBytesMax = 256 * 1024;

/** The bytes as they came: a signature holds for them and for nothing else. @throws DomainError `too-large` */
const readBytes = async (request: HttpRequest): Promise<Uint8Array> => {
  const tooLarge = new DomainError("too-large", `The body is larger than ${bodyBytesMax / 1024} KiB.`);
  if (Number(request.headers.get("content-length") ?? 0) > bodyBytesMax) throw tooLarge;
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.byteLength > bodyBytesMax) throw tooLarge;
  return bytes;
};

/**
 * `POST /api/webhooks/stripe` (contract C3): 200 once the event is stored; 400 for a signature or body that is not good,
 * 413 beyond 256 KiB, 5xx when Stripe is to try again.
 */
export const stripeWebhookHttp = ({ readStripeWebhook, acceptEvent }: Deps): HttpFunction => ({
  name: "stripe-webhook",
  method: "POST",
  route: "api/webhooks/stripe",
  access: "gateway",
  handler: async (request) => {
    const call = await readStripeWebhook(await readBytes(request), request.headers.get("stripe-signature"));
    if (call.kind === "ignored") return json(200, { received: true, ignored: call.reason });
    const { isNew } = await acceptEvent(call.event);
    return json(200, { received: true, isNew });
  },
});
