import { element } from "../../page/element.ts";
import { runAddress } from "../address.ts";
import type { RunSummary } from "../api/run-shapes.ts";
import { stateBadge } from "../views/state-badge.ts";
import { momentWords } from "../views/time-words.ts";
import { runWords } from "./run-words.ts";

const resultWords = ({ status, assertions }: RunSummary): string => {
  const { passed, failed, notProbed } = assertions;
  const count = passed + failed + notProbed;
  if (status === "running" || count === 0) return "";
  return `${passed} of ${count} assertions passed`;
};

interface Options {
  readonly id: string;
  readonly now: () => Date;
  readonly onShow: (run: string) => void;
}

/** All runs of a simulation, the newest first: links, so that they can be kept and handed on. */
export const runList = ({ id, now, onShow }: Options) => {
  const list = element("ul", { class: "plain wide", "aria-label": "All runs" });
  const summary = element("summary", {});
  const root = element("details", { class: "wide", hidden: true }, summary, list);
  const item = (run: RunSummary, isShown: boolean): HTMLElement => {
    const href = runAddress(id, { run: run.id });
    const attributes = { href, "aria-current": isShown ? "true" : undefined };
    const link = element("a", attributes, `Run of ${momentWords(run.startedAt, now())}`);
    link.addEventListener("click", (event) => {
      // A new tab or window shows it by its address.
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      onShow(run.id);
    });
    const words = [resultWords(run), isShown ? "shown above" : ""].filter((part) => part !== "").join(", ");
    return element(
      "li",
      { class: "row" },
      stateBadge(runWords(run.status)),
      link,
      element("span", { class: "soft small" }, words),
    );
  };
  let drawn = "";
  return {
    root,
    update: (runs: readonly RunSummary[], shown: string | undefined): void => {
      // Drawn anew, it would take the focus from who is in it.
      const drawing = JSON.stringify([runs, shown]);
      if (drawing === drawn) return;
      drawn = drawing;
      root.hidden = runs.length === 0;
      summary.textContent = `All runs (${runs.length})`;
      list.replaceChildren(...runs.map((run) => item(run, run.id === shown)));
    },
  };
};
