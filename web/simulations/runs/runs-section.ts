import { coalesced } from "../../page/coalesce.ts";
import { element } from "../../page/element.ts";
import { announce } from "../../page/live-region.ts";
import { saveBlob } from "../../page/save-blob.ts";
import { toApiError } from "../../console/api/api-error.ts";
import type { RunPlace } from "../address.ts";
import type { Run, RunSummary } from "../api/run-shapes.ts";
import type { Simulation } from "../api/simulation-shapes.ts";
import { makeActs } from "../one/act.ts";
import { isSealed } from "../one/allowed-actions.ts";
import type { HistoryEvent } from "../one/live-simulation.ts";
import type { OneDeps, View } from "../one/one-deps.ts";
import { showButtons } from "../views/show-buttons.ts";
import { captureList } from "./capture-list.ts";
import { comparisonView } from "./comparison-view.ts";
import { runHistory } from "./run-history.ts";
import { runList } from "./run-list.ts";
import { runView } from "./run-view.ts";

const betweenLooksSeconds = 0.5;
const tickMilliseconds = 250;
/** Probes are not told one by one: while a run is under way, it is looked at every so often. */
const ticksBetweenLooks = 6;

export interface RunsSection extends View {
  readonly onEvent: (event: HistoryEvent) => void;
  /** To be called once it is in the page. */
  readonly start: () => void;
}

const nothingToRun = (id: string): HTMLElement =>
  element(
    "p",
    { class: "soft" },
    "There is nothing to run: the topology has neither a timeline nor assertions. ",
    element("a", { href: `/simulations/${id}/edit` }, "Add them"),
    " to have things break at set times, and to check what still works meanwhile.",
  );

const noSuchRun = (): HTMLElement =>
  element(
    "p",
    { class: "notice warn", role: "alert" },
    "There is no such run. The 50 newest of a simulation are kept; all there are can be chosen below.",
  );

/** Runs of a simulation: the one that the address names, or the newest, as a picture and in words; and all others. */
class Runs implements RunsSection {
  readonly root: HTMLElement;
  readonly #deps: OneDeps;
  /** What people ask for, and what is asked for by itself: the one's failures stay when the other goes well. */
  readonly #acts;
  readonly #looks;
  readonly #history;
  readonly #heading = element("h2", { tabindex: "-1" }, "Runs");
  readonly #missing = element("div", { class: "wide" });
  readonly #view;
  readonly #captures;
  readonly #comparison;
  readonly #list;
  readonly #intro = element(
    "p",
    { class: "soft" },
    "A run breaks what the topology's timeline says, and checks by its assertions what still works meanwhile.",
  );
  readonly #nothing: HTMLElement;
  readonly #resting = element("p", { class: "soft" }, "It can be run while the simulation is running: start it first.");
  readonly #before = element(
    "p",
    { class: "soft small" },
    "It starts from the topology's own state: what you set by hand on links and nodes is put back.",
  );
  readonly #begin;
  readonly #cancel;
  readonly #report;
  readonly #look: () => void;
  #runs: readonly RunSummary[] = [];
  #run: Run | undefined;
  /** The one that was asked for last: answers about others come too late. */
  #wanted: string | undefined;
  #isPlayable = false;
  #isSealed = false;
  #ticks = 0;

  constructor(deps: OneDeps) {
    this.#deps = deps;
    this.#acts = makeActs(deps.signInEnded);
    this.#looks = makeActs(deps.signInEnded);
    this.#history = runHistory(deps.id);
    this.#view = runView(deps.now);
    this.#view.root.hidden = true;
    this.#captures = captureList(deps, this.#acts);
    const onChoose = (compare: string | undefined): void => this.#go({ run: this.#run?.id, compare });
    this.#comparison = comparisonView({ deps, onChoose });
    this.#list = runList({ ...deps, onShow: (run) => this.#leave({ run }) });
    this.#nothing = nothingToRun(deps.id);
    this.#begin = this.#acts.button("Start a run", () => this.#start(), "compact");
    this.#cancel = this.#acts.button("Cancel the run", () => this.#end());
    this.#report = this.#acts.button("Download the report", () => this.#download());
    this.#look = coalesced(
      () => this.#looks.run(() => this.#reload()),
      () => deps.wait(betweenLooksSeconds),
    );
    const buttons = element("div", { class: "row" }, this.#begin, this.#cancel, this.#report);
    this.root = element(
      "section",
      { class: "card stack", "aria-label": "Runs" },
      ...[
        this.#heading,
        this.#intro,
        this.#nothing,
        this.#resting,
        buttons,
        this.#before,
        this.#acts.problems,
        this.#looks.problems,
      ],
      ...[this.#missing, this.#view.root, this.#captures.root, this.#comparison.root, this.#list.root],
    );
  }

  start(): void {
    const place = this.#history.current();
    const goThere = async (): Promise<void> => {
      await this.#loadList();
      await this.#visit(place);
      if (place.run !== undefined) this.root.scrollIntoView();
    };
    void this.#acts.run(goThere);
    this.#history.onMove(() => void this.#acts.run(() => this.#visit(this.#history.current())));
    setInterval(() => this.#tick(), tickMilliseconds);
  }

  update(simulation: Simulation): void {
    const { status, budget } = simulation;
    const hasSomething = budget.runMinutes > 0;
    this.#isSealed = isSealed(simulation);
    this.#nothing.hidden = hasSomething;
    this.#intro.hidden = !hasSomething;
    this.#isPlayable = status === "running" && hasSomething && !this.#isSealed;
    this.#resting.hidden = !hasSomething || !["stopped", "failed"].includes(status);
    this.#fill();
  }

  onEvent({ kind, data, text }: HistoryEvent): void {
    if (kind !== "run" && kind !== "fault" && kind !== "assertion") return;
    const isOfShown = this.#run !== undefined && (data["run"] ?? data["id"]) === this.#run.id;
    if (isOfShown && kind === "assertion" && this.#run?.status === "running") announce(text);
    if (isOfShown) this.#look();
    if (kind === "run") void this.#looks.run(() => this.#hearOfRun());
  }

  #show(run: Run): void {
    this.#run = run;
    this.#view.root.hidden = false;
    this.#view.update(run);
    this.#captures.update(run);
    this.#comparison.offer(run, this.#runs);
    this.#list.update(this.#runs, run.id);
    this.#fill();
  }

  #fill(): void {
    const isUnderWay = this.#run?.status === "running";
    const canBegin = !isUnderWay && this.#isPlayable;
    this.#before.hidden = !canBegin;
    const buttons = [
      { button: this.#begin, isShown: canBegin },
      { button: this.#cancel, isShown: isUnderWay && !this.#isSealed },
      { button: this.#report, isShown: !isUnderWay && this.#run !== undefined },
    ];
    showButtons(buttons, this.#heading);
  }

  async #loadList(): Promise<void> {
    this.#runs = await this.#deps.api.runs(this.#deps.id);
    this.#list.update(this.#runs, this.#run?.id);
    if (this.#run !== undefined) this.#comparison.offer(this.#run, this.#runs);
  }

  async #reload(): Promise<void> {
    if (this.#wanted === undefined) return;
    const run = await this.#deps.api.run(this.#deps.id, this.#wanted);
    if (run.id === this.#wanted) this.#show(run);
  }

  /** Shows what an address names. */
  async #visit({ run, compare }: RunPlace): Promise<void> {
    this.#missing.replaceChildren();
    try {
      this.#wanted = run ?? this.#runs[0]?.id;
      await this.#reload();
      if (this.#run !== undefined) await this.#comparison.show(this.#run, compare);
    } catch (error) {
      if (toApiError(error).facts.status !== 404) throw error;
      if (run !== undefined && this.#run?.id !== run) await this.#visit({});
      this.#missing.replaceChildren(noSuchRun());
    }
  }

  #go(place: RunPlace): void {
    this.#history.go(place);
    void this.#acts.run(() => this.#visit(place));
  }

  /** What was chosen is shown further up, so the focus goes there. */
  #leave(place: RunPlace): void {
    this.#go(place);
    this.#heading.focus();
  }

  /** Somebody else may have begun one: it is shown, unless the address names another one. */
  async #hearOfRun(): Promise<void> {
    await this.#loadList();
    const [newest] = this.#runs;
    if (this.#history.current().run === undefined && newest?.id !== this.#wanted) await this.#visit({});
  }

  async #start(): Promise<void> {
    const run = await this.#deps.api.startRun(this.#deps.id);
    this.#history.go({});
    this.#missing.replaceChildren();
    this.#wanted = run.id;
    this.#show(run);
    announce("The run has begun.");
    await this.#loadList();
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
