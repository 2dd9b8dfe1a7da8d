import { element } from "../../page/element.ts";
import { announce } from "../../page/live-region.ts";
import { toApiError } from "../../console/api/api-error.ts";
import { problemNotice } from "../../console/views/problem.ts";
import type { StreamState } from "../api/follow-stream.ts";
import type { Simulation } from "../api/simulation-shapes.ts";
import type { SimulationsApi } from "../api/simulations-api.ts";
import type { Part } from "../picture/part.ts";
import { makePicture } from "../picture/picture.ts";
import { statusWords } from "../views/state-badge.ts";
import { headView } from "./head.ts";
import { historyView } from "./history-view.ts";
import { makeLiveSimulation } from "./live-simulation.ts";
import { liveWord } from "./live-word.ts";
import type { OneDeps } from "./one-deps.ts";
import { partPanel } from "./part-panel.ts";

interface Options {
  readonly api: SimulationsApi;
  readonly first: Simulation;
  readonly signInEnded: () => void;
  readonly wait: OneDeps["wait"];
}

export interface OnePage {
  readonly content: readonly HTMLElement[];
  /** To be called once it is in the page. */
  readonly start: () => void;
}

const contentOf = (parts: Readonly<Record<"head" | "failure" | "picture" | "panel" | "history", HTMLElement>>) => {
  const heading = element("h2", {}, "Your homelab");
  const board = element("section", { class: "card stack board", "aria-label": "Picture" }, heading, parts.picture);
  return [
    element("p", {}, element("a", { href: "/simulations" }, "All simulations")),
    parts.head,
    parts.failure,
    element("div", { class: "workbench" }, board, parts.panel),
    parts.history,
  ];
};

/** One simulation, live: its picture, what is chosen in it, and what happened. */
export const onePage = ({ api, first, signInEnded, wait }: Options): OnePage => {
  const failure = element("div", { class: "wide" });
  const word = liveWord();
  const history = historyView();
  let chosen: Part | undefined;
  let told = first.status;
  const show = (simulation: Simulation): void => {
    failure.replaceChildren();
    head.update(simulation);
    picture.update(simulation, chosen);
    panel.update(simulation);
    if (simulation.status !== told) announce(`${simulation.name}: ${statusWords(simulation.status).words}.`);
    told = simulation.status;
  };
  const onFailure = (cause: unknown): void => {
    const error = toApiError(cause);
    if (error.facts.status === 401) signInEnded();
    else failure.replaceChildren(problemNotice(error));
  };
  const onState = (state: StreamState): void => {
    word.show(state);
    // Whatever happened meanwhile: the page says what is now, or why it cannot.
    if (state.kind !== "reconnecting") live.refresh();
  };
  const live = makeLiveSimulation({ api, first, onView: show, onEvent: history.add, onState, onFailure, wait });
  const deps: OneDeps = {
    ...{ api, id: first.id, signInEnded, wait },
    take: live.take,
    refresh: live.refresh,
    now: () => new Date(),
  };
  const head = headView(deps, first, word.root);
  const panel = partPanel({
    deps,
    doors: { openLogs: () => undefined, openTerminal: () => undefined },
    onBack: () => {
      if (chosen !== undefined) picture.focus(chosen);
    },
  });
  const picture = makePicture((part, isByKeyboard) => {
    chosen = part;
    picture.update(live.current(), chosen);
    panel.choose(part, live.current());
    if (isByKeyboard) panel.focus();
    else panel.root.scrollIntoView({ block: "nearest" });
  });
  return {
    content: contentOf({ head: head.root, failure, picture: picture.root, panel: panel.root, history: history.root }),
    start: () => {
      show(first);
      void live.follow(new AbortController().signal);
    },
  };
};
