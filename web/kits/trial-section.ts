import type { ApiError } from "../console/api/api-error.ts";
import { toApiError } from "../console/api/api-error.ts";
import { problemNotice } from "../console/views/problem.ts";
import { busyButton } from "../page/busy-button.ts";
import { element } from "../page/element.ts";
import type { Kit, KitsApi, KitTrials } from "./kits-api.ts";

/** Whoever stays on the page sees what comes of it. */
const lookMilliseconds = 3_000;
/** So often it is looked for a result after the trial is over. */
const waitsMax = 5;

const dayOf = (at: string): string => new Date(at).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" });

const simulationLink = (id: string, words: string): HTMLElement => element("a", { href: `/simulations/${id}` }, words);

/** Which simulations there are, and which can go, is seen on their own page. */
const refusal = (error: ApiError): HTMLElement => {
  const notice = problemNotice(error);
  if (error.facts.code === "simulation-limit-reached") {
    notice.append(element("a", { href: "/simulations" }, "Go to your simulations"));
  }
  return notice;
};

const proofLine = ({ proof }: KitTrials): HTMLElement => {
  if (proof === null) return element("p", { class: "soft" }, "Nobody has proven this version yet.");
  const held = proof.assertions.filter(({ verdict }) => verdict === "passed").length;
  const words = ` on ${dayOf(proof.endedAt)}: ${held} of ${proof.assertions.length} assertions held.`;
  return element("p", {}, element("span", { class: "badge good" }, "Proven"), words);
};

const ownLine = ({ own }: KitTrials): HTMLElement | undefined => {
  if (own === null) return undefined;
  const report = own.runId === undefined ? "" : `/runs/${own.runId}`;
  return element(
    "p",
    { class: own.status === "passed" ? "notice" : "notice warn", role: "status" },
    `Your last trial ${own.status} on ${dayOf(own.endedAt)}. `,
    own.reason === undefined ? "" : `${own.reason} `,
    simulationLink(`${own.simulationId}${report}`, "See its report"),
    ".",
  );
};

/** The part of a kit's page where its version is run in a simulation, and which says what came of that. */
class TrialSection {
  readonly root: HTMLElement;
  readonly #api: KitsApi;
  readonly #kit: Kit;
  readonly #known = element("div", { class: "stack wide" });
  readonly #result = element("div", { class: "stack wide" });
  #waits = 0;

  constructor(api: KitsApi, kit: Kit) {
    this.#api = api;
    this.#kit = kit;
    const words =
      "It is started with values of its own, killed, started again and visited over a bad line. Nothing of your Stack is touched.";
    this.root = element(
      "section",
      { class: "card stack", "aria-label": "Try it in a simulation" },
      element("h2", {}, "Try it in a simulation"),
      element("p", { class: "soft" }, words),
      this.#known,
      kit.requiredPlan === null ? busyButton("Try it in a simulation", () => this.#begin()) : undefined,
      this.#result,
    );
  }

  async show(): Promise<KitTrials | undefined> {
    try {
      const trials = await this.#api.trials(this.#kit.id, this.#kit.version);
      this.#known.replaceChildren(...[proofLine(trials), ownLine(trials)].flatMap((line) => line ?? []));
      return trials;
    } catch (cause) {
      this.#known.replaceChildren(problemNotice(toApiError(cause), () => this.show().then(() => undefined)));
      return undefined;
    }
  }

  async #begin(): Promise<void> {
    this.#result.replaceChildren();
    try {
      const begun = await this.#api.tryOut(this.#kit.id, this.#kit.version);
      const watch = simulationLink(begun.simulationId, "Watch it");
      this.#result.replaceChildren(element("p", { class: "notice", role: "status" }, "It is being tried. ", watch));
      this.#lookSoon(begun);
    } catch (cause) {
      this.#result.replaceChildren(refusal(toApiError(cause)));
    }
  }

  /** Until the trial is over or somebody leaves the page. */
  #lookSoon(begun: { readonly id: string; readonly simulationId: string }): void {
    setTimeout(() => {
      if (this.root.isConnected) void this.#look(begun);
    }, lookMilliseconds);
  }

  async #look(begun: { readonly id: string; readonly simulationId: string }): Promise<void> {
    const isOnTrial = await this.#api.isOnTrial(begun.simulationId).catch((cause: unknown) => {
      // Deleted, so given up; anything else passes, and is asked again.
      return toApiError(cause).facts.status !== 404;
    });
    const trials = await this.show();
    if (trials?.own?.id === begun.id) this.#result.replaceChildren();
    else if (isOnTrial || this.#waits < waitsMax) {
      // A result is told to the platform a moment after it is there.
      this.#waits = isOnTrial ? 0 : this.#waits + 1;
      this.#lookSoon(begun);
    } else {
      const words = "The trial was given up, or its result is not known here yet. ";
      const link = simulationLink(begun.simulationId, "See its simulation");
      this.#result.replaceChildren(element("p", { class: "notice warn", role: "status" }, words, link, "."));
    }
  }
}

/** Fills itself once it is on the page. */
export const trialSection = (api: KitsApi, kit: Kit): HTMLElement => {
  const section = new TrialSection(api, kit);
  void section.show();
  return section.root;
};
