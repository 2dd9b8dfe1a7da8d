import type { Plan } from "../../shared/tenants/plan.ts";
import { Plan as Plans } from "../../shared/tenants/plan.ts";
import type { Budget } from "./budget.ts";
import { simulationLimits } from "./simulation-limits.ts";

export interface PlanGap {
  /** What the plan does not give, in sentences; empty: it is enough. */
  readonly lacks: readonly string[];
  /** The smallest plan that gives all of it; null when the present one does, or when none does. */
  readonly requiredPlan: Plan | null;
}

const lacksOfPlan = (budget: Budget, plan: Plan): readonly string[] => {
  const { nodesMax, linksMax, memoryMegabytesMax, cpusMax, minutesMax } = simulationLimits[plan];
  const lack = (has: string, amount: number, most: number, unit: string): readonly string[] =>
    amount <= most ? [] : [`It ${has} ${amount} ${unit}; the plan ${plan} gives ${most}.`];
  return [
    ...lack("has", budget.nodes, nodesMax, "nodes"),
    ...lack("has", budget.links, linksMax, "links"),
    ...lack("needs", budget.memoryMegabytes, memoryMegabytesMax, "MB of memory"),
    ...lack("needs", budget.cpus, cpusMax, "cpus"),
    ...lack("has a run of", budget.runMinutes, minutesMax, "minutes"),
  ];
};

/** What a plan does not give of the budget of a simulation. */
export const lacksOf = (budget: Budget, plan: Plan): PlanGap => {
  const lacks = lacksOfPlan(budget, plan);
  const enough = Plans.options.find((other) => lacksOfPlan(budget, other).length === 0);
  return { lacks, requiredPlan: lacks.length === 0 ? null : (enough ?? null) };
};
