import { DomainError } from "../kernel/errors.ts";
import { Plan } from "../tenants/plan.ts";

/** The plan a tenant has to have for the kit; null when its own is enough. */
export const requiredPlanOf = (minPlan: Plan, plan: Plan): Plan | null =>
  Plan.options.indexOf(plan) >= Plan.options.indexOf(minPlan) ? null : minPlan;

/** A refusal that says how to get further: the console page has the bill. `requiredPlan` is null when no plan has it. */
export const planRequired = (requiredPlan: Plan | null, detail: string, publicBaseUrl: string): DomainError =>
  new DomainError("plan-required", detail, {
    facts: { requiredPlan, upgradeUrl: `${publicBaseUrl}/` },
  });

/** @throws DomainError `plan-required` */
export const requirePlan = (minPlan: Plan, plan: Plan, publicBaseUrl: string): void => {
  const required = requiredPlanOf(minPlan, plan);
  if (required !== null) throw planRequired(required, `This kit needs the plan ${required}.`, publicBaseUrl);
};
