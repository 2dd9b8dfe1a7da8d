import { element } from "../../page/element.ts";
import { findingList } from "../../page/finding-list.ts";
import type { Assessment, Budget } from "../api/simulation-shapes.ts";
import { factList } from "../one/fact-list.ts";

type FocusAt = (line: number, column: number) => void;

/** What the plan gives one simulation, by the names of a budget. */
export type PlanLimits = Readonly<Record<string, number>>;

const budgetFacts = ({ nodes, links, memoryMegabytes, cpus, runMinutes }: Budget, limits: PlanLimits): HTMLElement => {
  const ofPlan = (amount: number, name: string, unit = ""): string => {
    const most = limits[name];
    return most === undefined ? `${amount}${unit}` : `${amount} of ${most}${unit}`;
  };
  return factList([
    ["Nodes", ofPlan(nodes, "nodes")],
    ["Links", ofPlan(links, "links")],
    ["Memory", ofPlan(memoryMegabytes, "memoryMegabytes", " MB")],
    ["Processors", ofPlan(cpus, "cpus")],
    ["A run takes", runMinutes === 0 ? "nothing to run" : `up to ${runMinutes} min`],
  ]);
};

const lackNotice = ({ lacks, requiredPlan }: Assessment): HTMLElement => {
  const plan = requiredPlan === null ? "No plan has it. " : `The ${requiredPlan} plan has it. `;
  return element(
    "p",
    { class: "notice warn", role: "status" },
    `The topology is valid, but your plan lacks something. ${lacks.join(" ")} ${plan}`,
    requiredPlan === null ? "Make it smaller." : element("a", { href: "/" }, "Upgrade on your tenant's page"),
  );
};

const verdictOf = (assessment: Assessment): HTMLElement => {
  if (assessment.lacks.length > 0) return lackNotice(assessment);
  return element("p", { class: "notice", role: "status" }, "The topology is valid.");
};

/** What the platform makes of a topology: what is wrong where, or what it takes. */
export const assessmentView = (assessment: Assessment, limits: PlanLimits, onShow: FocusAt): HTMLElement => {
  const { isValid, findings, budget } = assessment;
  const list = findingList(findings, { label: "What is wrong with the topology", onShow });
  return element(
    "div",
    { class: "stack wide" },
    isValid ? verdictOf(assessment) : undefined,
    findings.length === 0 ? undefined : list,
    budget === undefined ? undefined : budgetFacts(budget, limits),
  );
};
