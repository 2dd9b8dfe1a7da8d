import { element } from "./element.ts";

/** What is wrong at a place of a text; lines and columns count from 1. `repair` is whatever mends it. */
export interface EditorFinding<Repair = never> {
  readonly severity: "error" | "warning" | "info";
  readonly line: number;
  readonly column: number;
  readonly reason: string;
  readonly repair?: Repair | undefined;
}

interface Options<Repair> {
  /** What the list is, to screen readers. */
  readonly label: string;
  /** Leads to the place of a finding. */
  readonly onShow: (line: number, column: number) => void;
  readonly onRepair?: (repair: Repair) => void;
}

/** In words, and coloured by how much it matters. */
const severityWords = {
  error: { words: "Error", tone: "bad" },
  warning: { words: "Warning", tone: "warn" },
  info: { words: "Hint", tone: "" },
} as const satisfies Record<EditorFinding["severity"], { readonly words: string; readonly tone: string }>;

const severityBadge = (severity: EditorFinding["severity"]): HTMLElement => {
  const { words, tone } = severityWords[severity];
  return element("span", { class: `badge ${tone}`.trim() }, words);
};

/** Findings in the order of the text, each with the way to its place and, where there is one, to its repair. */
export const findingList = <Repair>(
  findings: readonly EditorFinding<Repair>[],
  { label, onShow, onRepair }: Options<Repair>,
): HTMLElement => {
  const inOrder = findings.toSorted((one, other) => one.line - other.line || one.column - other.column);
  const items = inOrder.map(({ severity, line, column, reason, repair }) => {
    const show = element("button", { type: "button", class: "quiet compact" }, `Line ${line}`);
    show.addEventListener("click", () => onShow(line, column));
    const item = element("li", { class: "finding" }, show, element("span", {}, severityBadge(severity), " ", reason));
    if (repair === undefined || onRepair === undefined) return item;
    const mend = element("button", { type: "button", class: "compact", "aria-label": `Repair: ${reason}` }, "Repair");
    mend.addEventListener("click", () => onRepair(repair));
    item.append(mend);
    return item;
  });
  return element("ul", { class: "plain wide", "aria-label": label }, ...items);
};
