import type { Html } from "../../shared/kernel/html.ts";
import { html } from "../../shared/kernel/html.ts";
import type { ShownState } from "./words.ts";

/** Every state has a shape of its own, so that none is told by colour alone. Drawn on 16 by 16. */
const shapes: Readonly<Record<ShownState, { readonly path: string; readonly isFilled: boolean }>> = {
  healthy: { path: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1ZM6.9 11.2 3.8 8.1l1.3-1.3 1.8 1.8 4-4 1.3 1.3Z", isFilled: true },
  degraded: { path: "M8 1 15.5 14.5H.5ZM7.2 6v4h1.6V6ZM7.2 11.2v1.6h1.6v-1.6Z", isFilled: true },
  failing: {
    path: "M5 1h6l4 4v6l-4 4H5l-4-4V5ZM5.4 4.3 4.3 5.4 6.9 8l-2.6 2.6 1.1 1.1L8 9.1l2.6 2.6 1.1-1.1L9.1 8l2.6-2.6-1.1-1.1L8 6.9Z",
    isFilled: true,
  },
  stale: { path: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM8 4.5V8l2.5 1.5", isFilled: false },
  offline: { path: "M1.5 1.5h13v13h-13ZM4 7.2v1.6h8V7.2Z", isFilled: true },
  unknown: { path: "M3 8h.1M8 8h.1M13 8h.1", isFilled: false },
  none: { path: "M3 8h10", isFilled: false },
  maintenance: { path: "M8 1.5 14.5 8 8 14.5 1.5 8ZM5.5 8h5", isFilled: false },
  provisioning: { path: "M8 14V3M3.5 7.5 8 3l4.5 4.5", isFilled: false },
  retiring: { path: "M8 2v11M3.5 8.5 8 13l4.5-4.5", isFilled: false },
  retired: { path: "M2 5h12M3.5 5v9h9V5M6 2h4", isFilled: false },
  failed: { path: "M3 3l10 10M13 3 3 13", isFilled: false },
};

/** Decoration beside the state's word, which says the same. */
export const stateIcon = (state: ShownState): Html => {
  const { path, isFilled } = shapes[state];
  return html`<svg class="icon ${isFilled ? "filled" : "drawn"}" viewBox="0 0 16 16" aria-hidden="true">
    <path fill-rule="evenodd" d="${path}" />
  </svg>`;
};
