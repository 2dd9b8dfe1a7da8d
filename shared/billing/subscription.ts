import { z } from "zod";

/** A subscription as the vendor has it, cut down to what decides about the plan. Instants are ISO 8601 in UTC. */
export const Subscription = z.object({
  id: z.string(),
  /** The vendor's word; it may be one we do not know. */
  status: z.string(),
  /** Lookup keys of the prices of all items; null for a price that has none. */
  priceKeys: z.array(z.string().nullable()),
  createdAt: z.string(),
  periodEndsAt: z.string().nullable(),
  trialEndsAt: z.string().nullable(),
  cancelsAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  /** Whether it ended because it was not paid. */
  isEndedUnpaid: z.boolean(),
  /** When the oldest unpaid invoice was due; null when nothing is owed. */
  unpaidSince: z.string().nullable(),
});
export type Subscription = z.infer<typeof Subscription>;

/** Everything the vendor says about one customer at one moment. */
export interface CustomerAccount {
  readonly isDeleted: boolean;
  readonly subscriptions: readonly Subscription[];
  /** The vendor's present: of a test clock, where the customer has one. */
  readonly asOf: string;
}
