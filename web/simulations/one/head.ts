import { openDialog } from "../../page/dialog.ts";
import { element } from "../../page/element.ts";
import { announce } from "../../page/live-region.ts";
import { toApiError } from "../../console/api/api-error.ts";
import { headingOf } from "../../console/screen.ts";
import { failureNotice } from "../views/failure-notice.ts";
import type { Simulation } from "../api/simulation-shapes.ts";
import type { SimulationAction } from "../api/simulations-api.ts";
import { showButtons } from "../views/show-buttons.ts";
import { stateBadge, statusWords } from "../views/state-badge.ts";
import { lengthWords, secondsUntil, timeOfDay } from "../views/time-words.ts";
import type { Acts } from "./act.ts";
import { makeActs } from "./act.ts";
import { allowedActions, isSealed } from "./allowed-actions.ts";
import type { OneDeps, View } from "./one-deps.ts";
import { trialNotice } from "./trial-notice.ts";

const extensionMinutes = 30;
const soonSeconds = 5 * 60;

const words: Readonly<Record<SimulationAction, string>> = {
  ...{ start: "Start", stop: "Stop", pause: "Pause", resume: "Resume", restart: "Restart" },
};

const confirmDelete = ({ api, id, take }: OneDeps, name: string): void =>
  openDialog({
    title: `Delete ${name}?`,
    content: [
      element(
        "p",
        {},
        "Its nodes, links, runs and saved files are deleted for good. Its topology as well: copy it first if you want to keep it.",
      ),
    ],
    confirm: "Delete it",
    isDangerous: true,
    action: async () => {
      take(await api.remove(id));
      location.assign("/simulations");
    },
    explain: (error) => failureNotice(toApiError(error)),
  });

const actionButtons = (deps: OneDeps, { button }: Acts) => {
  const entries = Object.entries(words) as [SimulationAction, string][];
  return entries.map(([action, text]) => {
    const act = async (): Promise<void> => deps.take(await deps.api.control(deps.id, action));
    return {
      action,
      button: button(text, act, action === "start" || action === "resume" ? "compact" : "quiet compact"),
    };
  });
};

const gainedSeconds = (before: string, after: string): number => (Date.parse(after) - Date.parse(before)) / 1000;

/** The sentence about what is going on, beside the state. */
const explain = ({ status, error, queue, expiresAt }: Simulation, now: Date): string => {
  if (error !== undefined) return error.detail;
  if (status === "queued") {
    const place = queue === undefined ? "" : ` Place ${queue.place}.`;
    const expected =
      typeof queue?.expectedAt === "string" ? ` Expected to start at ${timeOfDay(queue.expectedAt)}.` : "";
    return `The host has no room at the moment; it starts by itself.${place}${expected}`;
  }
  if (expiresAt === undefined || (status !== "running" && status !== "paused")) return "";
  return `Stops by itself in ${lengthWords(secondsUntil(expiresAt, now))}.`;
};

/** Name, state, time left, and what can be done with the whole simulation. */
export const headView = (deps: OneDeps, first: Simulation, live: HTMLElement): View => {
  const { api, id, take, now } = deps;
  const acts = makeActs(deps.signInEnded);
  const badge = element("span", {});
  const explanation = element("p", { class: "soft" });
  const buttons = actionButtons(deps, acts);
  const extend = acts.button(`${extensionMinutes} minutes more`, async () => {
    const before = shown.expiresAt;
    take(await api.extend(id, extensionMinutes));
    const isMore = before !== undefined && shown.expiresAt !== undefined && gainedSeconds(before, shown.expiresAt) > 60;
    note.textContent = isMore ? "" : "That is as long as your plan allows at a time.";
    announce(`${note.textContent} ${explanation.textContent}`.trim());
  });
  const note = element("div", { class: "soft small" });
  const trial = trialNotice();
  const edit = element("a", { class: "button quiet compact", href: `/simulations/${id}/edit` }, "Edit the topology");
  const remove = element("button", { type: "button", class: "danger compact" }, "Delete");
  let shown = first;
  remove.addEventListener("click", () => confirmDelete(deps, shown.name));
  const tick = (): void => {
    const { expiresAt, status } = shown;
    explanation.textContent = explain(shown, now());
    const isSoon = status === "running" && expiresAt !== undefined && secondsUntil(expiresAt, now()) < soonSeconds;
    explanation.className = isSoon ? "notice warn" : "soft";
    explanation.hidden = explanation.textContent === "";
  };
  setInterval(tick, 1000);
  const heading = headingOf(first.name);
  return {
    root: element(
      "section",
      { class: "card stack head", "aria-label": "Simulation" },
      element("div", { class: "row spread" }, element("div", { class: "row" }, heading, badge), live),
      explanation,
      trial.root,
      element("div", { class: "row" }, ...buttons.map(({ button }) => button), extend, edit, remove),
      note,
      acts.problems,
    ),
    update: (simulation) => {
      shown = simulation;
      trial.update(simulation);
      heading.textContent = simulation.name;
      badge.replaceChildren(stateBadge(statusWords(simulation.status)));
      const { status } = simulation;
      const isUp = status === "running" || status === "paused";
      const shownActions = buttons.map(({ action, button }) => ({
        button,
        isShown: allowedActions(simulation).includes(action),
      }));
      const isOpen = !isSealed(simulation);
      const extending = { button: extend, isShown: isUp && isOpen };
      showButtons([...shownActions, extending, { button: edit, isShown: isOpen }], heading);
      remove.hidden = simulation.status === "deleting";
      tick();
    },
  };
};
