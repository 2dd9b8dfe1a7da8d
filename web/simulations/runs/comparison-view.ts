import { dataTable, tableRow } from "../../page/data-table.ts";
import { element } from "../../page/element.ts";
import { announce } from "../../page/live-region.ts";
import type { Run, RunSummary } from "../api/run-shapes.ts";
import type { OneDeps } from "../one/one-deps.ts";
import { stateBadge } from "../views/state-badge.ts";
import { momentWords } from "../views/time-words.ts";
import type { ComparisonRow } from "./comparison-rows.ts";
import { comparisonRows, comparisonWords } from "./comparison-rows.ts";
import { runWords } from "./run-words.ts";

const columns = ["Assertion", "Verdict", "Reached by", "First reached at", "Usual time"] as const;

const rowOf = ({ name, verdict, before, reached, first, usual }: ComparisonRow): HTMLTableRowElement => {
  const past = before === undefined ? undefined : element("span", { class: "soft small" }, `before: ${before}`);
  const row = tableRow(name, element("div", { class: "row" }, stateBadge(verdict), past), reached, first, usual);
  // Where there is no room for columns, each cell says what it is.
  for (const [index, cell] of [...row.cells].entries()) cell.dataset["column"] = columns[index] ?? "";
  return row;
};

interface Options {
  readonly deps: OneDeps;
  /** Told which earlier run was chosen, or that none is. */
  readonly onChoose: (earlier: string | undefined) => void;
}

/** What a run changed in comparison with one before it, which people choose. */
export const comparisonView = ({ deps, onChoose }: Options) => {
  const { api, id, now } = deps;
  const select = element("select", { id: "compare" });
  const words = element("p", {});
  const table = dataTable("What changed", columns);
  table.root.classList.add("comparison");
  const result = element("div", { class: "stack wide", hidden: true }, words, table.root);
  const label = element("label", { for: "compare" }, "Compare with an earlier run");
  const root = element(
    "div",
    { class: "stack wide", hidden: true },
    element("div", { class: "field" }, label, select),
    result,
  );
  let compared: string | undefined;
  const clear = (): void => {
    result.hidden = true;
    select.value = "";
  };
  select.addEventListener("change", () => onChoose(select.value === "" ? undefined : select.value));
  const option = ({ id: value, startedAt, status }: RunSummary): HTMLElement =>
    element("option", { value }, `${momentWords(startedAt, now())}, ${runWords(status).words.toLowerCase()}`);
  return {
    root,
    /** Has those to choose from that were over before this one began. */
    offer: (run: Run, runs: readonly RunSummary[]): void => {
      const place = runs.findIndex((one) => one.id === run.id);
      const earlier = place < 0 ? [] : runs.slice(place + 1);
      const chosen = run.id === compared ? select.value : "";
      select.replaceChildren(element("option", { value: "" }, "None"), ...earlier.map(option));
      root.hidden = run.status === "running" || earlier.length === 0;
      select.value = chosen;
      result.hidden = chosen === "";
    },
    /** @throws ApiError when there is no such earlier run */
    show: async (run: Run, earlier: string | undefined): Promise<void> => {
      compared = run.id;
      if (earlier === undefined) {
        clear();
        return;
      }
      const comparison = await api.compareRuns(id, run.id, earlier);
      select.value = earlier;
      words.textContent = comparisonWords(comparison);
      table.body.replaceChildren(...comparisonRows(comparison, run).map(rowOf));
      result.hidden = false;
      announce(words.textContent);
    },
  };
};
