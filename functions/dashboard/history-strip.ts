import type { HistorySpan, HistoryStep } from "../../shared/health/fleet-view.ts";
import type { Html } from "../../shared/kernel/html.ts";
import { html } from "../../shared/kernel/html.ts";
import { counted, stateWords } from "./words.ts";

type StepState = HistoryStep["state"];

export const spanWords: Readonly<Record<HistorySpan, { readonly unit: string; readonly link: string }>> = {
  minutes: { unit: "minute", link: "Minutes" },
  hours: { unit: "hour", link: "Hours" },
  days: { unit: "day", link: "Days" },
};

const stepWidth = 4;
const barWidth = 3;
const height = 28;

/** Height and place of a state's bar: a strip can be read without its colours. */
const bars: Readonly<Record<StepState, { readonly top: number; readonly bottom: number }>> = {
  healthy: { top: 0, bottom: height },
  degraded: { top: 7, bottom: height },
  failing: { top: 14, bottom: height },
  stale: { top: 8, bottom: 20 },
  offline: { top: 21, bottom: height },
  maintenance: { top: 11, bottom: 17 },
  unknown: { top: 25, bottom: height },
  none: { top: 27, bottom: height },
};

const pathOf = (history: readonly HistoryStep[], state: StepState): string => {
  const { top, bottom } = bars[state];
  return history
    .flatMap((step, index) =>
      step.state === state ? [`M${index * stepWidth} ${top}h${barWidth}V${bottom}h-${barWidth}Z`] : [],
    )
    .join("");
};

interface Run {
  readonly state: StepState;
  readonly from: string;
  readonly steps: number;
}

/** Neighbouring steps of one state as one run, oldest first. */
export const runsOf = (history: readonly HistoryStep[]): readonly Run[] =>
  history.reduce<readonly Run[]>((runs, { state, from }) => {
    const last = runs.at(-1);
    if (last?.state !== state) return [...runs, { state, from, steps: 1 }];
    return [...runs.slice(0, -1), { ...last, steps: last.steps + 1 }];
  }, []);

/** The strip in one sentence: how many steps were spent in which state. */
const historySentence = (history: readonly HistoryStep[], span: HistorySpan): string => {
  const states = [...new Set(history.map(({ state }) => state))];
  const parts = states.map((state) => {
    const count = history.filter((step) => step.state === state).length;
    return `${stateWords[state].toLowerCase()} ${counted(count, spanWords[span].unit, `${spanWords[span].unit}s`)}`;
  });
  return parts.length === 0 ? "Nothing recorded." : `Oldest first: ${parts.join(", ")}.`;
};

const shortInstant = (iso: string, span: HistorySpan): string =>
  span === "days" ? iso.slice(0, 10) : `${iso.slice(5, 10)} ${iso.slice(11, 16)}`;

/** The last 90 steps as a picture with its text, and below it the changes in words for whoever wants them. */
export const historyStrip = (id: string, history: readonly HistoryStep[], span: HistorySpan): Html => {
  const states = [...new Set(history.map(({ state }) => state))];
  const runs = runsOf(history);
  return html`<svg
      class="strip"
      role="img"
      viewBox="0 0 ${Math.max(1, history.length * stepWidth)} ${height}"
      preserveAspectRatio="none"
      aria-label="${historySentence(history, span)}"
    >
      ${states.map((state) => html`<path class="is-${state}" d="${pathOf(history, state)}" />`)}
    </svg>
    <details id="${id}">
      <summary>History in words</summary>
      <ol class="runs">
        ${runs
          .toReversed()
          .map(
            ({ state, from, steps }) =>
              html`<li>
                <time datetime="${from}">${shortInstant(from, span)}</time> ${stateWords[state]},
                ${counted(steps, spanWords[span].unit, `${spanWords[span].unit}s`)}
              </li>`,
          )}
      </ol>
    </details>`;
};
