import { element } from "../../page/element.ts";
import { svgElement } from "../../page/svg-element.ts";
import type { SimulationNode, Status } from "../api/simulation-shapes.ts";

/** What something is like, in words, with a shape and a tone that go with them. */
export interface StateWords {
  readonly words: string;
  readonly mark: keyof typeof marks;
  readonly tone: "good" | "warn" | "bad" | "";
}

/** Drawn on 12 by 12. Every state has a shape of its own, so that none is told by colour alone. */
const marks = {
  running: { path: "M6 .8a5.2 5.2 0 1 0 0 10.4A5.2 5.2 0 0 0 6 .8Z", isFilled: true },
  unhealthy: { path: "M6 .8 11.6 11H.4Z", isFilled: true },
  paused: { path: "M2 1h2.8v10H2ZM7.2 1H10v10H7.2Z", isFilled: true },
  failed: { path: "m2 2 8 8m0-8-8 8", isFilled: false },
  stopped: { path: "M2 2h8v8H2Z", isFilled: false },
  moving: { path: "M2.2 8.2A4.4 4.4 0 1 0 2 4.4M2 1.2v3.3h3.3", isFilled: false },
  waiting: { path: "M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1Zm0 2.2V6l2 1.4", isFilled: false },
  absent: { path: "M2 6h8", isFilled: false },
} as const;

const ofStatus: Readonly<Record<Status, StateWords>> = {
  queued: { words: "Waiting for room", mark: "waiting", tone: "warn" },
  starting: { words: "Starting", mark: "moving", tone: "" },
  running: { words: "Running", mark: "running", tone: "good" },
  pausing: { words: "Pausing", mark: "moving", tone: "" },
  paused: { words: "Paused", mark: "paused", tone: "warn" },
  stopping: { words: "Stopping", mark: "moving", tone: "" },
  stopped: { words: "Stopped", mark: "stopped", tone: "" },
  deleting: { words: "Being deleted", mark: "moving", tone: "" },
  failed: { words: "Failed", mark: "failed", tone: "bad" },
};

export const statusWords = (status: Status): StateWords => ofStatus[status];

const exitWords = ({ exitCode, isOutOfMemory }: SimulationNode): string => {
  if (isOutOfMemory === true) return "Out of memory";
  return exitCode === undefined ? "Ended" : `Ended with ${exitCode}`;
};

/** A node's state as people see it: what it does, and how it feels. */
export const nodeWords = (node: SimulationNode): StateWords => {
  const { state, health } = node;
  switch (state) {
    case "absent":
      return { words: "Not there", mark: "absent", tone: "" };
    case "created":
      return { words: "Made, not started", mark: "stopped", tone: "" };
    case "paused":
      return { words: "Paused", mark: "paused", tone: "warn" };
    case "exited":
      return { words: exitWords(node), mark: "failed", tone: "bad" };
    case "running":
      if (health === "unhealthy") return { words: "Unhealthy", mark: "unhealthy", tone: "bad" };
      if (health === "starting") return { words: "Running, health unknown yet", mark: "running", tone: "good" };
      return { words: health === "healthy" ? "Healthy" : "Running", mark: "running", tone: "good" };
  }
};

export const markOf = (mark: keyof typeof marks): SVGElement => {
  const { path, isFilled } = marks[mark];
  const paint = isFilled
    ? { fill: "currentColor" }
    : {
        fill: "none",
        stroke: "currentColor",
        "stroke-width": 2,
        "stroke-linecap": "round",
        "stroke-linejoin": "round",
      };
  return svgElement(
    "svg",
    { viewBox: "0 0 12 12", width: 12, height: 12, "aria-hidden": "true", class: "mark" },
    svgElement("path", { d: path, ...paint }),
  );
};

/** A state as a badge, to be filled anew when it changes. */
export const stateBadge = ({ words, mark, tone }: StateWords): HTMLElement =>
  element("span", { class: `badge ${tone}`.trim() }, markOf(mark), words);
