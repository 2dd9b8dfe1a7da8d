import type { LatencyView } from "../../shared/health/fleet-view.ts";
import type { Html } from "../../shared/kernel/html.ts";
import { html } from "../../shared/kernel/html.ts";

const width = 120;
const height = 28;
const margin = 2;

const figure = (milliseconds: number | null): string =>
  milliseconds === null ? "none" : `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;

/** One stroke per unbroken run of answers: a gap stays a gap. */
export const linePath = (series: readonly (number | null)[]): string => {
  const largest = Math.max(1, ...series.filter((value) => value !== null));
  const step = width / Math.max(1, series.length - 1);
  const point = (value: number, index: number): string =>
    `${(index * step).toFixed(1)} ${(height - margin - (value / largest) * (height - 2 * margin)).toFixed(1)}`;
  return series
    .map((value, index) => {
      if (value === null) return "";
      const before = series[index - 1] ?? null;
      // A lone answer between gaps is a dot: a line of no length with round ends.
      return before === null ? `M${point(value, index)}l0 0` : `L${point(value, index)}`;
    })
    .join("");
};

/** The answer times of probes: a line, and the figures as text. */
export const latencyLine = ({ p50, p95, series }: LatencyView): Html => {
  if (p50 === null && p95 === null) return html`<span class="soft">No answers yet</span>`;
  return html`<svg class="spark" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true">
      <path d="${linePath(series)}" />
    </svg>
    <span class="figures">p50 ${figure(p50)} <span class="soft">·</span> p95 ${figure(p95)}</span>`;
};
