import { element } from "../../page/element.ts";
import { announce } from "../../page/live-region.ts";
import type { ApiError } from "../../console/api/api-error.ts";
import { failureNotice } from "../views/failure-notice.ts";
import type { StreamState } from "../api/follow-stream.ts";
import type { Simulation } from "../api/simulation-shapes.ts";
import type { SimulationsApi } from "../api/simulations-api.ts";
import { makeDock } from "../dock/dock.ts";
import { logsDrawer } from "../dock/logs-drawer.ts";
import type { Part } from "../picture/part.ts";
import { makePicture } from "../picture/picture.ts";
import { runsSection } from "../runs/runs-section.ts";
import { statusWords } from "../views/state-badge.ts";
import { headView } from "./head.ts";
import { historyView } from "./history-view.ts";
import type { HistoryEvent } from "./live-simulation.ts";
import { makeLiveSimulation } from "./live-simulation.ts";
import { liveWord } from "./live-word.ts";
import type { OneDeps } from "./one-deps.ts";
import { partPanel } from "./part-panel.ts";
import { savesSection } from "./saves-section.ts";

interface Options {
  readonly api: SimulationsApi;
  readonly first: Simulation;
  readonly signInEnded: () => void;
  readonly wait: OneDeps["wait"];
}

const isThere = (part: Part | undefined, { nodes, links }: Simulation): boolean =>
  part === undefined || (part.kind === "node" ? nodes : links).some(({ name }) => name === part.name);

/** One simulation, live: its picture, what is chosen in it, its runs, and what happened. */
class OnePage {
  readonly content: readonly HTMLElement[];
  readonly #signInEnded;
  readonly #failure = element("div", { class: "wide" });
  readonly #word = liveWord();
  readonly #history = historyView();
  readonly #dock = makeDock();
  readonly #live;
  readonly #deps: OneDeps;
  readonly #head;
  readonly #picture;
  readonly #panel;
  readonly #runs;
  readonly #saves;
  #chosen: Part | undefined;
  #told: Simulation["status"];

  constructor({ api, first, signInEnded, wait }: Options) {
    this.#signInEnded = signInEnded;
    this.#told = first.status;
    this.#live = makeLiveSimulation({
      ...{ api, first, wait },
      onView: (simulation) => this.#show(simulation),
      onEvent: (event) => this.#hear(event),
      onState: (state) => this.#showState(state),
      onFailure: (error) => this.#fail(error),
    });
    const { take, refresh } = this.#live;
    this.#deps = { ...{ api, id: first.id, take, refresh, signInEnded, wait }, now: () => new Date() };
    this.#head = headView(this.#deps, first, this.#word.root);
    this.#picture = makePicture((part, isByKeyboard) => this.#choose(part, isByKeyboard));
    this.#panel = partPanel({ deps: this.#deps, doors: this.#doors(), onBack: () => this.#backToPicture() });
    this.#runs = runsSection(this.#deps);
    this.#saves = savesSection(this.#deps);
    const heading = element("h2", {}, "Your homelab");
    const board = element(
      "section",
      { class: "card stack board", "aria-label": "Picture" },
      heading,
      this.#picture.root,
    );
    const below = element("div", { class: "halves" }, this.#history.root, this.#saves.root);
    const rest = element("div", { class: "rest" }, this.#dock.root, this.#runs.root, below);
    this.content = [
      element("p", {}, element("a", { href: "/simulations" }, "All simulations")),
      this.#head.root,
      this.#failure,
      element("div", { class: "workbench" }, board, this.#panel.root, rest),
    ];
  }

  start(): void {
    this.#show(this.#live.current());
    this.#runs.start();
    this.#saves.start();
    void this.#live.follow(new AbortController().signal);
  }

  #doors() {
    return {
      openLogs: (node: string): void => this.#dock.open(logsDrawer(this.#deps, node)),
      openTerminal: (node: string): void => void this.#openTerminal(node),
    };
  }

  async #openTerminal(node: string): Promise<void> {
    // As large as the rest of the page several times over: it comes when somebody wants it.
    const { terminalDrawer } = await import("../terminal/terminal-drawer.ts");
    this.#dock.open(terminalDrawer(this.#deps, node, this.#dock.focus));
  }

  #show(simulation: Simulation): void {
    this.#failure.replaceChildren();
    this.#head.update(simulation);
    if (!isThere(this.#chosen, simulation)) this.#forget(simulation);
    this.#picture.update(simulation, this.#chosen);
    for (const view of [this.#panel, this.#runs, this.#saves]) view.update(simulation);
    const { name, status } = simulation;
    if (status !== this.#told) announce(`${name}: ${statusWords(status).words}.`);
    this.#told = status;
  }

  #choose(part: Part, isByKeyboard: boolean): void {
    this.#chosen = part;
    this.#picture.update(this.#live.current(), part);
    this.#panel.choose(part, this.#live.current());
    if (isByKeyboard) this.#panel.focus();
    else this.#panel.root.scrollIntoView({ block: "nearest" });
  }

  /** What was chosen was taken away by another topology. */
  #forget(simulation: Simulation): void {
    this.#chosen = undefined;
    this.#panel.choose(undefined, simulation);
  }

  #backToPicture(): void {
    if (this.#chosen !== undefined) this.#picture.focus(this.#chosen);
  }

  #hear(event: HistoryEvent): void {
    this.#history.add(event);
    this.#runs.onEvent(event);
  }

  #showState(state: StreamState): void {
    this.#word.show(state);
    // Whatever happened meanwhile: the page says what is now, or why it cannot.
    if (state.kind !== "reconnecting") this.#live.refresh();
  }

  #fail(error: ApiError): void {
    if (error.facts.status === 401) this.#signInEnded();
    else this.#failure.replaceChildren(failureNotice(error));
  }
}

export const onePage = (options: Options): OnePage => new OnePage(options);
