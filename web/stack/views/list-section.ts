import { dataTable } from "../../page/data-table.ts";
import { element } from "../../page/element.ts";

export interface ListSection {
  readonly root: HTMLElement;
  readonly heading: HTMLElement;
  readonly body: HTMLTableSectionElement;
  /** Says how many there are, and shows the table only when there is something in it. */
  readonly setCount: (shown: number, total: number) => void;
}

interface ListSectionOptions {
  readonly title: string;
  readonly columns: readonly string[];
  readonly empty: string;
  readonly actions?: readonly HTMLElement[];
}

export const listSection = ({ title, columns, empty, actions = [] }: ListSectionOptions): ListSection => {
  const table = dataTable(title, columns);
  const heading = element("h2", { tabindex: "-1" }, title);
  const count = element("span", { class: "badge" });
  const nothing = element("p", { class: "empty" }, empty);
  const head = element("div", { class: "row spread" }, element("div", { class: "row" }, heading, count), ...actions);
  const setCount = (shown: number, total: number): void => {
    count.textContent = shown < total ? `first ${shown} of ${total}` : String(total);
    nothing.hidden = total > 0;
    table.root.hidden = total === 0;
  };
  setCount(0, 0);
  const root = element("section", { class: "card stack", "aria-label": title }, head, nothing, table.root);
  return { root, heading, body: table.body, setCount };
};
