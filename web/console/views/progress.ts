import { busyButton } from "../../page/busy-button.ts";
import { element } from "../../page/element.ts";
import { announce } from "../../page/live-region.ts";
import type { Operation, Tenant } from "../api/platform-api.ts";
import { card } from "../screen.ts";

const stepTexts: Readonly<Record<string, string>> = {
  "reserve-name": "Reserve the name",
  "claim-slot": "Find a place on a Stack",
  "create-collections": "Set up your own collections",
  activate: "Switch it on",
};

const stateTexts = { pending: "to do", running: "in progress", done: "done", failed: "failed" } as const;

const stepText = (name: string): string => stepTexts[name] ?? name.replaceAll("-", " ");

const stepItem = ({ name, state }: Operation["steps"][number]): HTMLElement =>
  element(
    "li",
    { class: state },
    element("span", {}, stepText(name), element("span", { class: "visually-hidden" }, `: ${stateTexts[state]}`)),
  );

const explain = (status: Operation["status"]): string =>
  status === "waiting"
    ? "All Stacks are full at the moment, so another one is being started. Your place is kept; you may close this page and come back."
    : "This usually takes a few seconds.";

export interface ProgressActions {
  readonly cancel: () => Promise<void>;
  readonly retry: () => Promise<void>;
}

export interface ProgressView {
  readonly root: HTMLElement;
  readonly update: (operation: Operation) => void;
  /** Shows something below the steps, such as a failure to ask; nothing takes it back. */
  readonly note: (note?: HTMLElement) => void;
}

/** The steps of the tenant's provisioning. Updated in place, so that focus and reading position stay. */
export const progressView = (tenant: Tenant, actions: ProgressActions): ProgressView => {
  const explanation = element("p", { class: "soft" });
  const bar = element("progress", { "aria-label": "Steps done" });
  const steps = element("ol", { class: "steps" });
  const notes = element("div", { class: "wide" });
  const cancel = busyButton("Cancel", actions.cancel, { className: "quiet" });
  const retry = busyButton("Try again", actions.retry);
  const update = ({ status, progress, allowedActions, ...operation }: Operation): void => {
    explanation.textContent = explain(status);
    bar.max = progress.total;
    bar.value = progress.done;
    steps.replaceChildren(...operation.steps.map(stepItem));
    cancel.hidden = !allowedActions.includes("cancel");
    retry.hidden = !allowedActions.includes("retry");
    const current = operation.steps.find(({ state }) => state !== "done");
    const step = current === undefined ? "" : `: ${stepText(current.name)}`;
    announce(`${progress.done} of ${progress.total} steps done${step}.`);
  };
  cancel.hidden = true;
  retry.hidden = true;
  const buttons = element("div", { class: "row" }, retry, cancel);
  const root = card(`Setting up ${tenant.name}`, explanation, bar, steps, notes, buttons);
  return { root, update, note: (note) => notes.replaceChildren(...(note === undefined ? [] : [note])) };
};
