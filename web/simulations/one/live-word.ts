import { element } from "../../page/element.ts";
import type { StreamState } from "../api/follow-stream.ts";

const words: Readonly<Record<StreamState["kind"], string>> = {
  live: "Live",
  reconnecting: "Reconnecting",
  over: "Over",
  refused: "Not live",
};

/** Says whether what is seen is the present; screen readers are told when that changes, and only then. */
export const liveWord = () => {
  const word = element("span", {}, "Connecting");
  const root = element("p", { class: "live connecting", role: "status" }, word);
  return {
    root,
    show: ({ kind }: StreamState): void => {
      root.className = `live ${kind}`;
      if (word.textContent !== words[kind]) word.textContent = words[kind];
    },
  };
};
