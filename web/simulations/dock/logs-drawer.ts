import { element } from "../../page/element.ts";
import { shape, text } from "../../page/shape.ts";
import type { StreamState } from "../api/follow-stream.ts";
import { followStream } from "../api/follow-stream.ts";
import type { OneDeps } from "../one/one-deps.ts";
import { timeOfDay } from "../views/time-words.ts";
import type { Drawer } from "./dock.ts";
import { plainLine } from "./plain-line.ts";

const readLine = shape({ stream: text, at: text, line: text });

const linesMax = 2_000;

const stateWords: Readonly<Record<StreamState["kind"], string>> = {
  live: "Following.",
  reconnecting: "The connection was lost; trying again.",
  over: "This is all: the node has ended.",
  refused: "These logs cannot be followed.",
};

const isAtEnd = ({ scrollHeight, scrollTop, clientHeight }: HTMLElement): boolean =>
  scrollHeight - scrollTop - clientHeight < 40;

/** What a node writes, as it writes it. It scrolls along until somebody scrolls back to read. */
export const logsDrawer = ({ api, id, wait }: OneDeps, node: string): Drawer => {
  const lines = element("ol", { class: "plain lines" });
  const none = element("p", {}, "It has written nothing so far.");
  const scroll = element(
    "div",
    { class: "console", tabindex: "0", role: "log", "aria-live": "off", "aria-label": `Logs of ${node}` },
    none,
    lines,
  );
  const state = element("p", { class: "soft small", role: "status" });
  const ending = new AbortController();
  const add = ({ stream, at, line }: ReturnType<typeof readLine>): void => {
    const isFollowing = isAtEnd(scroll);
    none.hidden = true;
    const time = element("time", { datetime: at }, timeOfDay(at));
    lines.append(element("li", { class: stream }, time, " ", plainLine(line)));
    while (lines.childElementCount > linesMax) lines.firstElementChild?.remove();
    if (isFollowing) scroll.scrollTop = scroll.scrollHeight;
  };
  const onState = ({ kind }: StreamState): void => {
    state.textContent = stateWords[kind];
    // Each connection begins with the last lines, which are there already.
    if (kind === "live") lines.replaceChildren();
  };
  return {
    title: `Logs of ${node}`,
    root: element("div", { class: "stack wide" }, scroll, state),
    start: () =>
      void followStream({
        open: api.logs(id, node),
        onEvent: ({ event, data }) => {
          if (event === "log") add(readLine(JSON.parse(data)));
        },
        onState,
        ...{ wait, signal: ending.signal },
      }),
    close: () => ending.abort(),
  };
};
