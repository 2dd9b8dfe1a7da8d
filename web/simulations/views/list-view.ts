import { busyButton } from "../../page/busy-button.ts";
import { dataTable, tableRow } from "../../page/data-table.ts";
import { element } from "../../page/element.ts";
import { headingOf } from "../../console/screen.ts";
import type { Simulation, SimulationList } from "../api/simulation-shapes.ts";
import type { Example } from "./examples.ts";
import { examples } from "./examples.ts";
import { stateBadge, statusWords } from "./state-badge.ts";
import { lengthWords, secondsUntil, timeOfDay } from "./time-words.ts";

export interface ListView {
  readonly root: HTMLElement;
  /** Shows the newest page; what was loaded after it stays as it was. */
  readonly update: (list: SimulationList) => void;
}

const countOf = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? "" : "s"}`;

const timeWords = ({ status, queue, expiresAt }: Simulation, now: Date): string => {
  if (status === "queued" && queue !== undefined) {
    const start = queue.expectedAt === null ? "" : `, starts about ${timeOfDay(queue.expectedAt)}`;
    return `Place ${queue.place}${start}`;
  }
  const isCounting = expiresAt !== undefined && (status === "running" || status === "paused");
  return isCounting ? `${lengthWords(secondsUntil(expiresAt, now))} left` : "–";
};

const rowOf = (simulation: Simulation, now: Date): HTMLTableRowElement => {
  const { id, name, status, nodes, links } = simulation;
  return tableRow(
    element("a", { href: `/simulations/${id}` }, name),
    stateBadge(statusWords(status)),
    `${countOf(nodes.length, "node")}, ${countOf(links.length, "link")}`,
    timeWords(simulation, now),
  );
};

const exampleCard = ({ id, title, summary }: Example): HTMLElement =>
  element(
    "li",
    { class: "card stack" },
    element("h3", {}, title),
    element("p", { class: "soft" }, summary),
    element(
      "a",
      { class: "button quiet", href: `/simulations/new?example=${id}` },
      "Begin with this",
      element("span", { class: "visually-hidden" }, title),
    ),
  );

const examplesSection = (): HTMLElement =>
  element(
    "section",
    { class: "stack wide", "aria-label": "Examples" },
    element("h2", {}, "Begin with an example"),
    element("ul", { class: "cards wide" }, ...examples.map(exampleCard)),
  );

const emptyCard = (): HTMLElement =>
  element(
    "section",
    { class: "card stack wide", "aria-label": "Simulations" },
    headingOf("Simulations"),
    element(
      "p",
      { class: "lead" },
      "A simulation is a homelab that exists only for a while: real nodes and real links, described in one file, kept apart from everybody else's. Build one, break it, and watch what still works.",
    ),
    element("a", { class: "button", href: "/simulations/new" }, "Create a simulation"),
  );

/** As in `1 of 5 running`; plans may name more. */
const usageWords = ({ limits, used }: SimulationList): string => {
  const running = used["simulations"] ?? 0;
  const most = limits["simulations"];
  return most === undefined ? `${running} running` : `${running} of ${most} running`;
};

interface Options {
  readonly first: SimulationList;
  readonly more: (after: string) => Promise<SimulationList>;
  readonly now: () => Date;
}

const filledCard = ({ first, more, now }: Options) => {
  const table = dataTable("Simulations", ["Name", "State", "Size", "Time"]);
  table.root.classList.add("simulations");
  const usage = element("p", { class: "soft" });
  let [newest, older]: (readonly Simulation[])[] = [[], []];
  let { next } = first;
  const draw = (): void =>
    table.body.replaceChildren(...[...(newest ?? []), ...(older ?? [])].map((one) => rowOf(one, now())));
  const button = busyButton(
    "Show more",
    async () => {
      const page = await more(next ?? "");
      older = [...(older ?? []), ...page.simulations];
      ({ next } = page);
      button.hidden = next === undefined;
      draw();
    },
    { className: "quiet" },
  );
  button.hidden = next === undefined;
  const root = element(
    "section",
    { class: "card stack wide", "aria-label": "Simulations" },
    element(
      "div",
      { class: "row spread" },
      element("div", {}, headingOf("Simulations"), usage),
      element("a", { class: "button", href: "/simulations/new" }, "Create a simulation"),
    ),
    table.root,
    button,
  );
  return {
    root,
    update: (list: SimulationList): void => {
      newest = list.simulations;
      usage.textContent = usageWords(list);
      draw();
    },
  };
};

/** All simulations of the tenant, or what this is when there are none; examples below. */
export const listView = (options: Options): ListView => {
  const filled = filledCard(options);
  const root = element("div", { class: "stack wide" });
  let isEmpty: boolean | undefined;
  return {
    root,
    update: (list) => {
      const isNowEmpty = list.simulations.length === 0;
      if (isNowEmpty !== isEmpty) root.replaceChildren(isNowEmpty ? emptyCard() : filled.root, examplesSection());
      isEmpty = isNowEmpty;
      filled.update(list);
    },
  };
};
