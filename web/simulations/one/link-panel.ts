import { coalesced } from "../../page/coalesce.ts";
import { element } from "../../page/element.ts";
import { announce } from "../../page/live-region.ts";
import type { Impairment, Simulation, SimulationLink } from "../api/simulation-shapes.ts";
import type { LinkChange } from "../api/simulations-api.ts";
import { directionsOf, directionWords, findDirection } from "../picture/impairment-words.ts";
import { stateBadge } from "../views/state-badge.ts";
import { makeActs } from "./act.ts";
import { isSealed } from "./allowed-actions.ts";
import { captureForm } from "./capture-form.ts";
import { factList } from "./fact-list.ts";
import { impairmentFields } from "./impairment-fields.ts";
import type { OneDeps, View } from "./one-deps.ts";

/** While a slider is dragged, at most so often is the platform told. */
const betweenChangesSeconds = 0.15;

interface Chosen {
  readonly from: string;
  readonly to: string;
}

const arrow = ({ from, to }: Chosen): string => `${from} → ${to}`;

/** Which direction the sliders are of: each, or all of them. */
const directionChoice = (link: SimulationLink) => {
  const directions = directionsOf(link);
  const select = element(
    "select",
    { id: "direction" },
    element("option", { value: "" }, directions.length === 2 ? "Both directions" : "Every direction"),
    ...directions.map((one, index) => element("option", { value: String(index) }, arrow(one))),
  );
  return {
    root: element("div", { class: "field wide" }, element("label", { for: "direction" }, "Direction"), select),
    select,
    chosen: (): Chosen | undefined => (select.value === "" ? undefined : directions[Number(select.value)]),
  };
};

const impairmentAt = (link: SimulationLink, chosen: Chosen | undefined): Impairment => {
  const direction = chosen ?? directionsOf(link)[0];
  return direction === undefined ? {} : (findDirection(link, direction)?.impairment ?? {});
};

const changeOf = (impairment: Impairment, chosen: Chosen | undefined): LinkChange =>
  chosen === undefined ? { impairment } : { directions: [{ ...chosen, impairment }] };

const inForce = (link: SimulationLink): HTMLElement =>
  factList(directionsOf(link).map((one) => [arrow(one), directionWords(findDirection(link, one))] as const));

/** Sends the newest change only, one at a time. */
const makeSender = (send: (change: LinkChange) => Promise<void>, wait: OneDeps["wait"]) => {
  let next: LinkChange = {};
  const flush = coalesced(
    () => send(next),
    () => wait(betweenChangesSeconds),
  );
  return (change: LinkChange): void => {
    next = change;
    flush();
  };
};

/** What a link does to what passes, set by hand and at once in force; pulling its plug; capturing what passes. */
export const linkPanel = (deps: OneDeps, first: SimulationLink): View => {
  const { api, id, take, wait } = deps;
  const { name } = first;
  const acts = makeActs(deps.signInEnded);
  const state = element("p", {});
  const effect = element("div", { class: "wide" });
  let shown = first;
  const change = (what: LinkChange): Promise<void> => acts.run(async () => take(await api.changeLink(id, name, what)));
  const send = makeSender(change, wait);
  const choice = directionChoice(first);
  const fields = impairmentFields((impairment) => send(changeOf(impairment, choice.chosen())));
  choice.select.addEventListener("change", () => fields.show(impairmentAt(shown, choice.chosen())));
  const plug = acts.button("Pull the cable", async () => {
    take(await api.changeLink(id, name, { isDown: !shown.isDown }));
    announce(`${name} is ${shown.isDown ? "unplugged" : "plugged in"}.`);
  });
  const update = (simulation: Simulation): void => {
    const link = simulation.links.find((one) => one.name === name);
    if (link === undefined) return;
    shown = link;
    state.replaceChildren(
      stateBadge(
        link.isDown
          ? { words: "Unplugged", mark: "failed", tone: "bad" }
          : { words: "Plugged in", mark: "running", tone: "good" },
      ),
    );
    plug.textContent = link.isDown ? "Plug in" : "Pull the cable";
    for (const control of [plug, choice.root, fields.root]) control.hidden = isSealed(simulation);
    effect.replaceChildren(inForce(link));
    fields.show(impairmentAt(link, choice.chosen()));
  };
  const capture = captureForm(deps, first);
  return {
    root: element(
      "div",
      { class: "stack" },
      element("div", { class: "row" }, state, plug),
      acts.problems,
      choice.root,
      fields.root,
      element("h3", {}, "In force now"),
      effect,
      capture.root,
    ),
    update: (simulation) => {
      update(simulation);
      capture.update(simulation);
    },
  };
};
