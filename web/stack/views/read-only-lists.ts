import { tableRow } from "../../page/data-table.ts";
import { element } from "../../page/element.ts";
import type { Deployment, HomelabEvent, Service } from "../homelab.ts";
import { toneOf } from "../homelab.ts";
import { listSection } from "./list-section.ts";

const badge = (state: string): HTMLElement => element("span", { class: `badge ${toneOf(state)}` }, state);

/** PocketBase writes `2026-01-31 12:00:00.000Z`. */
const timeOf = (stamp: string): HTMLElement => {
  const iso = stamp.replace(" ", "T");
  const shown = new Date(iso).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  return element("time", { datetime: iso, class: "small" }, shown);
};

interface ReadOnlyListOptions<T> {
  readonly title: string;
  readonly columns: readonly string[];
  readonly empty: string;
  readonly cells: (item: T) => readonly [Node | string, ...(Node | string)[]];
  /** Of a history only the newest are shown. */
  readonly shownMax: number;
}

const readOnlyList = <T>({ cells, shownMax, ...options }: ReadOnlyListOptions<T>) => {
  const section = listSection(options);
  const onChange = (items: readonly T[], total: number): void => {
    const shown = items.slice(0, shownMax);
    section.body.replaceChildren(...shown.map((item) => tableRow(...cells(item))));
    section.setCount(shown.length, total);
  };
  return { root: section.root, onChange };
};

/** What runs on the nodes. */
export const servicesView = (nodeName: (id: string) => string) =>
  readOnlyList<Service>({
    title: "Services",
    columns: ["Service", "Node", "Version", "Status"],
    empty: "No services yet. They appear here once a kit is deployed.",
    cells: ({ name, node, version, status }) => [name, nodeName(node), version === "" ? "–" : version, badge(status)],
    shownMax: 500,
  });

const historyMax = 20;

export const deploymentsView = () =>
  readOnlyList<Deployment>({
    title: "Deployments",
    columns: ["Kit", "Status", "Started"],
    empty: "Nothing has been deployed yet.",
    cells: ({ kitId, kitVersion, status, created }) => {
      const kit = `${kitId} ${kitVersion}`.trim();
      return [kit === "" ? "without a kit" : kit, badge(status), timeOf(created)];
    },
    shownMax: historyMax,
  });

export const eventsView = () =>
  readOnlyList<HomelabEvent>({
    title: "Events",
    columns: ["Event", "Severity", "Time"],
    empty: "Nothing has happened yet.",
    cells: ({ kind, message, severity, created }) => [
      message === "" ? kind : message,
      badge(severity),
      timeOf(created),
    ],
    shownMax: historyMax,
  });
