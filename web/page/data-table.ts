import { element } from "./element.ts";

export interface DataTable {
  readonly root: HTMLElement;
  readonly body: HTMLTableSectionElement;
}

/**
 * A table that scrolls by itself where it does not fit; the group can be reached by keyboard for that. The
 * roles are written out because a style that lays rows out as cards would take the elements' own roles away.
 */
export const dataTable = (label: string, columns: readonly string[]): DataTable => {
  const body = element("tbody", { role: "rowgroup" });
  const heads = columns.map((column) => element("th", { scope: "col", role: "columnheader" }, column));
  const table = element(
    "table",
    { role: "table", "aria-label": label },
    element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...heads)),
    body,
  );
  return { root: element("div", { class: "table", role: "group", tabindex: "0", "aria-label": label }, table), body };
};

/** One row; its first cell is its head. */
export const tableRow = (first: Node | string, ...others: readonly (Node | string)[]): HTMLTableRowElement =>
  element(
    "tr",
    { role: "row" },
    element("th", { scope: "row", role: "rowheader" }, first),
    ...others.map((cell) => element("td", { role: "cell" }, cell)),
  );
