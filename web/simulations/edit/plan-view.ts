import { element } from "../../page/element.ts";
import type { ChangePlan } from "../api/simulation-shapes.ts";
import type { PlanLimits } from "./assessment-view.ts";
import { assessmentView } from "./assessment-view.ts";

const words: Readonly<Record<string, string>> = {
  ...{ "remove-node": "Take away node", "make-node": "Add node", "make-node-anew": "Make anew: node" },
  ...{ "remove-link": "Take away link", "lay-link": "Add link", "rewire-link": "Lay anew: link" },
  ...{ "change-impairments": "Change what is impaired of", "change-run": "Change the run of" },
};

/** What a changed topology would do, step by step, below what the platform makes of it. */
export const planView = (
  { steps, assessment }: ChangePlan,
  limits: PlanLimits,
  onShow: (line: number, column: number) => void,
): HTMLElement => {
  const items = steps.map(({ action, subject }) =>
    element("li", {}, `${words[action] ?? action.replaceAll("-", " ")} `, element("strong", {}, subject)),
  );
  const plan = [
    element("h2", {}, "What would happen"),
    steps.length === 0
      ? element("p", { class: "soft" }, "Nothing: it is as written already.")
      : element("ol", { class: "plan" }, ...items),
  ];
  return element(
    "div",
    { class: "stack wide" },
    assessmentView(assessment, limits, onShow),
    ...(assessment.isValid ? plan : []),
  );
};
