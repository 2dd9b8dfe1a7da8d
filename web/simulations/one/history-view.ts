import { element } from "../../page/element.ts";
import { timeOfDay } from "../views/time-words.ts";
import { withEvent } from "./history-entries.ts";
import type { HistoryEvent } from "./live-simulation.ts";

const itemOf = ({ at, text }: HistoryEvent): HTMLElement =>
  element("li", {}, element("time", { datetime: at, class: "soft small" }, timeOfDay(at)), element("span", {}, text));

/** What happened, the newest first. It is no live region: the picture and the words beside it say what matters. */
export const historyView = () => {
  const list = element("ol", { class: "plain history", reversed: true });
  const none = element("p", { class: "soft" }, "Nothing has happened yet.");
  const scroll = element(
    "div",
    { class: "scroll wide", tabindex: "0", role: "group", "aria-label": "What happened" },
    list,
  );
  scroll.hidden = true;
  let entries: readonly HistoryEvent[] = [];
  const items = new WeakMap<HistoryEvent, HTMLElement>();
  const shownOf = (entry: HistoryEvent): HTMLElement => {
    const item = items.get(entry) ?? itemOf(entry);
    items.set(entry, item);
    return item;
  };
  return {
    root: element(
      "section",
      { class: "card stack", "aria-label": "History" },
      element("h2", {}, "What happened"),
      none,
      scroll,
    ),
    add: (event: HistoryEvent): void => {
      entries = withEvent(entries, event);
      none.hidden = entries.length > 0;
      scroll.hidden = entries.length === 0;
      list.replaceChildren(...entries.map(shownOf));
    },
  };
};
