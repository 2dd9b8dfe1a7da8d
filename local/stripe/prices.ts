import type { Json } from "./records.ts";

const priceOf = (plan: string, interval: string, amount: number): Json => ({
  id: `price_${plan}_${interval}`,
  object: "price",
  active: true,
  currency: "eur",
  livemode: false,
  lookup_key: `kombify_${plan}_${interval}`,
  product: `prod_${plan}`,
  recurring: { interval, interval_count: 1 },
  type: "recurring",
  unit_amount: amount,
});

/** What is sold here: the keys of shared/billing/plan-prices.ts, and one price that the platform does not know. */
export const prices: readonly Json[] = [
  priceOf("pro", "month", 900),
  priceOf("pro", "year", 9_000),
  priceOf("enterprise", "month", 9_900),
  priceOf("enterprise", "year", 99_000),
  priceOf("mystery", "month", 100),
];
