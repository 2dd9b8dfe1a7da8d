import { coalesced } from "../../page/coalesce.ts";
import { element } from "../../page/element.ts";
import { announce } from "../../page/live-region.ts";
import { saveBlob } from "../../page/save-blob.ts";
import type { Run, RunSummary } from "../api/run-shapes.ts";
import type { Simulation } from "../api/simulation-shapes.ts";
import { makeActs } from "../one/act.ts";
import type { HistoryEvent } from "../one/live-simulation.ts";
import type { OneDeps, View } from "../one/one-deps.ts";
import { showButtons } from "../views/show-buttons.ts";
import { stateBadge } from "../views/state-badge.ts";
import { timeOfDay } from "../views/time-words.ts";
import { runView } from "./run-view.ts";
import { runWords } from "./run-words.ts";

const betweenLooksSeconds = 0.5;
const tickMilliseconds = 250;
/** Probes are not told one by one: while a run is under way, it is looked at every so often. */
const ticksBetweenLooks = 6;

export interface RunsSection extends View {
  readonly onEvent: (event: HistoryEvent) => void;
  /** To be called once it is in the page. */
  readonly start: () => void;
}

const pastItem = ({ id, status, startedAt, assertions }: RunSummary, onShow: (id: string) => void): HTMLElement => {
  const when = timeOfDay(startedAt);
  const show = element("button", { type: "button", class: "quiet compact" }, `Show the run of ${when}`);
  show.addEventListener("click", () => onShow(id));
  const count = assertions.passed + assertions.failed + assertions.notProbed;
  const words = element("span", { class: "soft small" }, `${assertions.passed} of ${count} assertions passed`);
  return element("li", { class: "row" }, stateBadge(runWords(status)), words, show);
};

const nothingToRun = (id: string): HTMLElement =>
  element(
    "p",
    { class: "soft" },
    "There is nothing to run: the topology has neither a timeline nor assertions. ",
    element("a", { href: `/simulations/${id}/edit` }, "Add them"),
    " to have things break at set times, and to check what still works meanwhile.",
  );

/** Runs of a simulation: the one under way, or the one that was chosen, as a picture and in words; and those before. */
class Runs implements RunsSection {
  readonly root: HTMLElement;
  readonly #deps: OneDeps;
  readonly #acts;
  readonly #heading = element("h2", { tabindex: "-1" }, "Run");
  readonly #view;
  readonly #past = element("ul", { class: "plain wide", "aria-label": "Earlier runs" });
  readonly #earlier = element(
    "details",
    { class: "wide", hidden: true },
    element("summary", {}, "Earlier runs"),
    this.#past,
  );
  readonly #intro = element(
    "p",
    { class: "soft" },
    "A run plays the timeline of the topology and checks its assertions.",
  );
  readonly #nothing: HTMLElement;
  readonly #captures = element("ul", { class: "plain wide", "aria-label": "Captures of the run", hidden: true });
  readonly #begin;
  readonly #cancel;
  readonly #report;
  readonly #look: () => void;
  #run: Run | undefined;
  #isPlayable = false;
  #ticks = 0;

  constructor(deps: OneDeps) {
    this.#deps = deps;
    this.#acts = makeActs(deps.signInEnded);
    this.#view = runView(deps.now);
    this.#view.root.hidden = true;
    this.#nothing = nothingToRun(deps.id);
    this.#begin = this.#acts.button("Start a run", () => this.#start(), "compact");
    this.#cancel = this.#acts.button("Cancel the run", () => this.#end());
    this.#report = this.#acts.button("Download the report", () => this.#download());
    this.#look = coalesced(
      () => this.#acts.run(() => this.#reload()),
      () => deps.wait(betweenLooksSeconds),
    );
    const buttons = element("div", { class: "row" }, this.#begin, this.#cancel, this.#report);
    this.root = element(
      "section",
      { class: "card stack", "aria-label": "Runs" },
      this.#heading,
      ...[this.#intro, this.#nothing, buttons, this.#acts.problems, this.#view.root, this.#captures, this.#earlier],
    );
  }

  start(): void {
    void this.#acts.run(() => this.#listPast());
    setInterval(() => this.#tick(), tickMilliseconds);
  }

  update({ status, budget }: Simulation): void {
    const hasSomething = budget.runMinutes > 0;
    this.#nothing.hidden = hasSomething;
    this.#intro.hidden = !hasSomething;
    this.#isPlayable = status === "running" && hasSomething;
    this.#fill();
  }

  onEvent({ kind, data, text }: HistoryEvent): void {
    if (kind !== "run" && kind !== "fault" && kind !== "assertion") return;
    const isOfShown = this.#run !== undefined && (data["run"] ?? data["id"]) === this.#run.id;
    if (isOfShown && kind === "assertion" && this.#run?.status === "running") announce(text);
    if (isOfShown) this.#look();
    if (kind === "run") void this.#acts.run(() => this.#listPast());
  }

  #show(run: Run): void {
    this.#run = run;
    this.#view.root.hidden = false;
    this.#view.update(run);
    this.#captures.hidden = run.status === "running" || run.captures.length === 0;
    this.#captures.replaceChildren(...run.captures.map((capture) => this.#captureItem(run, capture)));
    this.#fill();
  }

  #captureItem({ id: run }: Run, { name, link, node, bytes, reason }: Run["captures"][number]): HTMLElement {
    const { api, id } = this.#deps;
    const words = `What passed ${node} on ${link}, ${bytes} bytes${reason === undefined ? "" : `. ${reason}`}`;
    const download = this.#acts.button(`Download ${name}`, async () =>
      saveBlob(await api.runCapture(id, run, name), name),
    );
    download.hidden = bytes === 0;
    return element("li", { class: "row" }, element("span", {}, words), download);
  }

  #fill(): void {
    const isUnderWay = this.#run?.status === "running";
    const buttons = [
      { button: this.#begin, isShown: !isUnderWay && this.#isPlayable },
      { button: this.#cancel, isShown: isUnderWay },
      { button: this.#report, isShown: !isUnderWay && this.#run !== undefined },
    ];
    showButtons(buttons, this.#heading);
  }

  async #reload(): Promise<void> {
    const { api, id } = this.#deps;
    if (this.#run !== undefined) this.#show(await api.run(id, this.#run.id));
  }

  async #choose(run: string): Promise<void> {
    this.#show(await this.#deps.api.run(this.#deps.id, run));
  }

  /** Somebody else may have begun one: what is under way is shown rather than what is over. */
  async #listPast(): Promise<void> {
    const runs = await this.#deps.api.runs(this.#deps.id);
    const choose = (run: string): void => void this.#acts.run(() => this.#choose(run));
    this.#past.replaceChildren(...runs.map((one) => pastItem(one, choose)));
    this.#earlier.hidden = runs.length === 0;
    const [newest] = runs;
    const isNews = newest?.status === "running" && newest.id !== this.#run?.id;
    if (newest !== undefined && (this.#run === undefined || isNews)) await this.#choose(newest.id);
  }

  async #start(): Promise<void> {
    this.#show(await this.#deps.api.startRun(this.#deps.id));
    announce("The run has begun.");
    await this.#listPast();
  }

  async #end(): Promise<void> {
    if (this.#run !== undefined) this.#show(await this.#deps.api.cancelRun(this.#deps.id, this.#run.id));
  }

  async #download(): Promise<void> {
    const run = this.#run;
    if (run !== undefined) saveBlob(await this.#deps.api.runReport(this.#deps.id, run.id), `${run.id}.html`);
  }

  #tick(): void {
    if (this.#run?.status !== "running" || document.hidden) return;
    this.#view.tick();
    this.#ticks += 1;
    if (this.#ticks % ticksBetweenLooks === 0) this.#look();
  }
}

export const runsSection = (deps: OneDeps): RunsSection => new Runs(deps);
