import { element } from "../../page/element.ts";

/** Names and values, beside each other. */
export const factList = (facts: readonly (readonly [name: string, value: string])[]): HTMLElement =>
  element(
    "dl",
    { class: "pairs" },
    ...facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
  );
