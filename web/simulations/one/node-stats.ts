import { element } from "../../page/element.ts";
import { number, shape } from "../../page/shape.ts";
import { svgElement } from "../../page/svg-element.ts";
import { followStream } from "../api/follow-stream.ts";
import type { OneDeps } from "./one-deps.ts";

const readStats = shape({ cpuPercent: number, memoryMegabytes: number, pids: number });
const pointsMax = 60;
const curve = { width: 120, height: 28 } as const;

/** A line through the last minute's values, the newest on the right. */
const pathOf = (values: readonly number[], top: number): string =>
  values
    .map((value, index) => {
      const x = curve.width - ((values.length - 1 - index) * curve.width) / (pointsMax - 1);
      const y = curve.height - 1 - (Math.min(value, top) / top) * (curve.height - 2);
      return `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("");

const makeGauge = (label: string, unit: string, topMin: number) => {
  const values: number[] = [];
  const path = svgElement("path", { d: "" });
  const size = { viewBox: `0 0 ${curve.width} ${curve.height}`, width: curve.width, height: curve.height };
  const picture = svgElement("svg", { ...size, class: "curve", "aria-hidden": "true" }, path);
  const amount = element("dd", {}, "–");
  return {
    root: element("div", {}, element("dt", {}, label), amount, element("dd", {}, picture)),
    add: (value: number): void => {
      values.push(value);
      if (values.length > pointsMax) values.shift();
      amount.textContent = `${value.toLocaleString("en", { maximumFractionDigits: 1 })} ${unit}`;
      path.setAttribute("d", pathOf(values, Math.max(topMin, ...values)));
    },
  };
};

/** What a node uses, every second, until the signal. Screen readers find it, and are not told of every change. */
export const nodeStats = ({ api, id, wait }: OneDeps, node: string, signal: AbortSignal) => {
  const cpu = makeGauge("Processor", "%", 10);
  const memory = makeGauge("Memory", "MB", 8);
  const pids = element("dd", {}, "–");
  const root = element(
    "dl",
    { class: "pairs gauges", "aria-label": "What it uses" },
    ...[cpu.root, memory.root, element("div", {}, element("dt", {}, "Processes"), pids)],
  );
  void followStream({
    open: api.stats(id, node),
    onEvent: ({ event, data }) => {
      if (event !== "stats") return;
      const { cpuPercent, memoryMegabytes, pids: count } = readStats(JSON.parse(data));
      cpu.add(cpuPercent);
      memory.add(memoryMegabytes);
      pids.textContent = String(count);
    },
    onState: () => undefined,
    ...{ wait, signal },
  });
  return { root };
};
