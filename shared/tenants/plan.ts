import { z } from "zod";

export const Plan = z.enum(["free", "pro", "enterprise"]);
export type Plan = z.infer<typeof Plan>;

/**
 * What a plan allows. Counts are maxima; `storageMegabytesMax` covers files and rows of one tenant, in millions of bytes.
 * The Stack enforces all but `maxSimulations`: how many run at once, which sim-host counts.
 */
export interface PlanLimits {
  readonly maxUsers: number;
  readonly maxNodes: number;
  readonly maxServices: number;
  readonly maxSimulations: number;
  readonly storageMegabytesMax: number;
}

/** Plans as data. The free plan's maxUsers and maxNodes are the founding document's defaults (Task 1.2). */
export const planLimits = {
  free: { maxUsers: 5, maxNodes: 3, maxServices: 10, maxSimulations: 1, storageMegabytesMax: 250 },
  pro: { maxUsers: 25, maxNodes: 25, maxServices: 250, maxSimulations: 5, storageMegabytesMax: 5_000 },
  enterprise: { maxUsers: 500, maxNodes: 500, maxServices: 5_000, maxSimulations: 25, storageMegabytesMax: 100_000 },
} as const satisfies Record<Plan, PlanLimits>;

/** The limits that a Stack enforces, as its row of the tenant has them. */
export const stackLimits = (plan: Plan) => {
  const { maxUsers, maxNodes, maxServices, storageMegabytesMax } = planLimits[plan];
  return { plan, maxUsers, maxNodes, maxServices, storageMegabytesMax };
};
