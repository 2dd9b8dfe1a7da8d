import { element } from "../../page/element.ts";
import { timeOfDay } from "../views/time-words.ts";
import type { HistoryEvent } from "./live-simulation.ts";

const eventsMax = 100;
/** What is done to one link so soon after another thing is one movement of a hand: only what came of it is of interest. */
const sameHandSeconds = 3;

const isSameHand = (before: HistoryEvent, after: HistoryEvent): boolean =>
  [before, after].every(({ kind }) => kind === "link") &&
  before.data["link"] === after.data["link"] &&
  before.data["isDown"] === after.data["isDown"] &&
  Date.parse(after.at) - Date.parse(before.at) <= sameHandSeconds * 1000;

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
  let newest: HistoryEvent | undefined;
  return {
    root: element(
      "section",
      { class: "card stack", "aria-label": "History" },
      element("h2", {}, "What happened"),
      none,
      scroll,
    ),
    add: (event: HistoryEvent): void => {
      const { at, kind, text } = event;
      // Work under way is seen by what comes of it.
      if (kind === "operation") return;
      none.hidden = true;
      scroll.hidden = false;
      if (newest !== undefined && isSameHand(newest, event)) list.firstElementChild?.remove();
      newest = event;
      const time = element("time", { datetime: at, class: "soft small" }, timeOfDay(at));
      list.prepend(element("li", {}, time, element("span", {}, text)));
      while (list.childElementCount > eventsMax) list.lastElementChild?.remove();
    },
  };
};
