import { element } from "./element.ts";

export interface DataTable {
  readonly root: HTMLElement;
  readonly body: HTMLTableSectionElement;
}

/** A table that scrolls by itself where it does not fit; the region can be reached by keyboard for that. */
export const dataTable = (label: string, columns: readonly string[]): DataTable => {
  const body = element("tbody");
  const heads = columns.map((column) => element("th", { scope: "col" }, column));
  const table = element("table", { "aria-label": label }, element("thead", {}, element("tr", {}, ...heads)), body);
  return { root: element("div", { class: "table", role: "region", tabindex: "0", "aria-label": label }, table), body };
};

/** One row; its first cell is its head. */
export const tableRow = (first: Node | string, ...others: readonly (Node | string)[]): HTMLTableRowElement =>
  element("tr", {}, element("th", { scope: "row" }, first), ...others.map((cell) => element("td", {}, cell)));
