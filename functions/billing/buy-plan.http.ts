import { z } from "zod";
import type { OpenCheckout, OpenPortal } from "../../shared/billing/buy-plan.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { NewId } from "../../shared/kernel/ids.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import { readIdempotencyKey } from "../http/idempotency-key.ts";
import type { ReadCaller } from "../http/read-caller.ts";
import { readJson } from "../http/read-json.ts";

interface Deps {
  readonly readCaller: ReadCaller;
  readonly openCheckout: OpenCheckout;
  readonly openPortal: OpenPortal;
  readonly isBillingConfigured: boolean;
  readonly newId: NewId;
}

const Purchase = z.strictObject({
  plan: z.enum(["pro", "enterprise"]),
  interval: z.enum(["month", "year"]).default("month"),
});
/** Stripe takes 255 characters, ours among them. */
const keyLengthMax = 128;

const requireConfigured = (isConfigured: boolean): void => {
  if (isConfigured) return;
  throw new DomainError("billing-not-configured", "This platform sells nothing: no payment provider is configured.");
};

/** `POST /api/billing/checkout` `{plan, interval}` (`Idempotency-Key`): 200 `{url}` of the vendor's page. */
export const openCheckoutHttp = (deps: Deps): HttpFunction => ({
  name: "open-checkout",
  method: "POST",
  route: "api/billing/checkout",
  access: "gateway",
  handler: async (request) => {
    const caller = await deps.readCaller(request);
    requireConfigured(deps.isBillingConfigured);
    const idempotencyKey = readIdempotencyKey(request) ?? deps.newId();
    if (idempotencyKey.length > keyLengthMax) {
      throw new DomainError(
        "invalid-input",
        `Idempotency-Key must not be longer than ${keyLengthMax} characters here.`,
      );
    }
    const { plan, interval } = await readJson(request, Purchase);
    return json(200, await deps.openCheckout(caller, { plan, interval, idempotencyKey }));
  },
});

/** `POST /api/billing/portal`: 200 `{url}` of the vendor's page for changing, paying and cancelling. */
export const openPortalHttp = (deps: Deps): HttpFunction => ({
  name: "open-portal",
  method: "POST",
  route: "api/billing/portal",
  access: "gateway",
  handler: async (request) => {
    const caller = await deps.readCaller(request);
    requireConfigured(deps.isBillingConfigured);
    return json(200, await deps.openPortal(caller));
  },
});
