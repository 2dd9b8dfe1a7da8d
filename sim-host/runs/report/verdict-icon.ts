import type { Html } from "../../../shared/kernel/html.ts";
import { html } from "../../../shared/kernel/html.ts";
import type { RunStatus, Verdict } from "../run.ts";

type Shown = RunStatus | Verdict | "done" | "planned" | "skipped";

const tick = "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1ZM6.9 11.2 3.8 8.1l1.3-1.3 1.8 1.8 4-4 1.3 1.3Z";
const cross =
  "M5 1h6l4 4v6l-4 4H5l-4-4V5ZM5.4 4.3 4.3 5.4 6.9 8l-2.6 2.6 1.1 1.1L8 9.1l2.6 2.6 1.1-1.1L9.1 8l2.6-2.6-1.1-1.1L8 6.9Z";
const bar = "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1ZM4 7.2v1.6h8V7.2Z";
const clock = "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1ZM7.2 4v4.5l3.2 1.9.8-1.3-2.4-1.4V4Z";

/** Every outcome has a shape of its own, so that none is told by colour alone. Drawn on 16 by 16. */
const shapes: Readonly<Record<Shown, string>> = {
  ...{ passed: tick, done: tick, failed: cross },
  ...{ cancelled: bar, interrupted: bar, skipped: bar, "not-probed": bar },
  ...{ running: clock, planned: clock, open: clock },
};

export const wordOf: Readonly<Record<Shown, string>> = {
  ...{ passed: "Passed", failed: "Failed", cancelled: "Cancelled", interrupted: "Interrupted", running: "Running" },
  ...{ open: "Open", "not-probed": "Not decided", done: "Happened", planned: "Planned", skipped: "Skipped" },
};

/** Good, bad, or neither: the class by which colours are chosen. */
export const toneOf = (shown: Shown): "good" | "bad" | "soft" => {
  if (shown === "passed" || shown === "done") return "good";
  return shown === "failed" ? "bad" : "soft";
};

/** The word of an outcome, with its icon. */
export const outcomeBadge = (shown: Shown, word = wordOf[shown]): Html =>
  html`<span class="outcome ${toneOf(shown)}"
    ><svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path fill-rule="evenodd" d="${shapes[shown]}" /></svg
    >${word}</span
  >`;
