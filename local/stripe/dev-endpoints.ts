import { z } from "zod";
import { Refusal } from "../process/problem.ts";
import type { Ledger } from "./ledger.ts";
import type { Json } from "./records.ts";

/** Answers that are to fail: `status` 0 hangs up without an answer. */
export interface Faults {
  count: number;
  status: number;
}

const Clock = z.strictObject({ advanceDays: z.number().positive().max(3_650) });
const Delivery = z.strictObject({ copies: z.int().min(1).max(5).default(1), isShuffled: z.boolean().default(false) });
const Fault = z.strictObject({
  count: z.int().min(0).max(100_000),
  status: z.union([z.literal(0), z.int().min(400).max(599)]),
});
const Payment = z.strictObject({ customer: z.string(), isRefused: z.boolean() });
const daySeconds = 86_400;

/** `POST /dev/clock`, `/dev/delivery`, `/dev/faults`, `/dev/payments`, and `GET /dev/state`, for tests on this machine. */
export const makeDevEndpoints =
  (ledger: Ledger, faults: Faults) =>
  (path: string, body: unknown): Json => {
    const { records } = ledger;
    switch (path) {
      case "/dev/clock": {
        const { advanceDays } = Clock.parse(body);
        return { now: records.atOnce(() => ledger.advance(Math.round(advanceDays * daySeconds))) };
      }
      case "/dev/delivery":
        ledger.delivery = Delivery.parse(body);
        return { ...ledger.delivery };
      case "/dev/faults":
        Object.assign(faults, Fault.parse(body));
        return { ...faults };
      case "/dev/payments": {
        const { customer, isRefused } = Payment.parse(body);
        records.setFact(`refuses:${customer}`, String(isRefused));
        return { customer, isRefused };
      }
      case "/dev/state":
        return {
          now: ledger.now(),
          pendingDeliveries: records.countDeliveries(),
          customers: records.list("customer"),
          subscriptions: records.list("subscription"),
        };
      default:
        throw new Refusal(404, "not-found", "There is no such development endpoint.");
    }
  };
