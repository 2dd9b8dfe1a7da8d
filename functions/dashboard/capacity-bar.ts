import type { FleetInstance } from "../../shared/health/fleet-view.ts";
import type { Html } from "../../shared/kernel/html.ts";
import { html } from "../../shared/kernel/html.ts";

const width = 100;
const height = 10;

/** Places taken, with the line at which another instance is started. The text says the same as the picture. */
export const capacityBar = ({ used, capacity, scaleOutAt }: FleetInstance): Html => {
  const at = (count: number): number => Math.min(width, Math.max(0, (count / Math.max(1, capacity)) * width));
  return html`<span class="figures">${used} / ${capacity}</span>
    <svg class="capacity" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true">
      <rect class="track" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" />
      <rect class="taken" width="${at(used)}" height="${height}" />
      ${scaleOutAt !== null && html`<rect class="line" x="${at(scaleOutAt) - 1}" width="2" height="${height}" />`}
    </svg>
    ${scaleOutAt !== null && html`<span class="small soft">scales out at ${scaleOutAt}</span>`}`;
};
