import { z } from "zod";

/**
 * What is known of an instance's health, worst last but for `unknown` (never seen so far). `failing`: it answers wrongly;
 * `stale`: nothing heard for 30 seconds; `offline`: nothing heard for 60 seconds.
 */
export const HealthState = z.enum(["unknown", "healthy", "degraded", "failing", "stale", "offline"]);
export type HealthState = z.infer<typeof HealthState>;
