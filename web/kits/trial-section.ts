import { toApiError } from "../console/api/api-error.ts";
import { problemNotice } from "../console/views/problem.ts";
import { busyButton } from "../page/busy-button.ts";
import { element } from "../page/element.ts";
import type { Kit, KitsApi, KitTrials } from "./kits-api.ts";

/** Whoever stays on the page sees what comes of it. */
const lookMilliseconds = 3_000;

const dayOf = (at: string): string => new Date(at).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" });

const simulationLink = (id: string, words: string): HTMLElement => element("a", { href: `/simulations/${id}` }, words);

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
      const { id, simulationId } = await this.#api.tryOut(this.#kit.id, this.#kit.version);
      const watch = simulationId === undefined ? undefined : simulationLink(simulationId, "Watch it");
      this.#result.replaceChildren(
        element(
          "p",
          { class: "notice", role: "status" },
          "It is being tried. ",
          ...(watch === undefined ? [] : [watch]),
        ),
      );
      this.#lookSoon(id);
    } catch (cause) {
      this.#result.replaceChildren(problemNotice(toApiError(cause)));
    }
  }

  /** Until the trial is over or somebody leaves the page. */
  #lookSoon(id: string): void {
    setTimeout(() => {
      if (!this.root.isConnected) return;
      void this.show().then((trials) => {
        if (trials?.own?.id === id) this.#result.replaceChildren();
        else this.#lookSoon(id);
      });
    }, lookMilliseconds);
  }
}

/** Fills itself once it is on the page. */
export const trialSection = (api: KitsApi, kit: Kit): HTMLElement => {
  const section = new TrialSection(api, kit);
  void section.show();
  return section.root;
};
