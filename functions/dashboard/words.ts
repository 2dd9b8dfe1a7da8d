import { relativeTime } from "../../shared/dashboard/relative-time.ts";
import type { FleetInstance, HistoryStep, OperationView } from "../../shared/health/fleet-view.ts";
import type { Html } from "../../shared/kernel/html.ts";
import { html } from "../../shared/kernel/html.ts";

/** What an operator reads as the state of an instance: its life first, then maintenance, then its health. */
export type ShownState = HistoryStep["state"] | "provisioning" | "retiring" | "retired" | "failed";

/** Worst first: the order in which rows and summaries name them. */
export const troubleStates: readonly ShownState[] = ["offline", "failing", "stale", "failed", "degraded"];

export const stateOf = ({ status, health, isInMaintenance }: FleetInstance): ShownState => {
  if (status !== "active" && status !== "draining") return status;
  return isInMaintenance ? "maintenance" : health;
};

export const stateWords: Readonly<Record<ShownState, string>> = {
  healthy: "Healthy",
  degraded: "Degraded",
  failing: "Failing",
  stale: "Stale",
  offline: "Offline",
  unknown: "Not seen yet",
  none: "No record",
  maintenance: "Maintenance",
  provisioning: "Provisioning",
  retiring: "Retiring",
  retired: "Retired",
  failed: "Failed",
};

const operationWords: Readonly<Record<string, string>> = {
  "provision-tenant": "Provision tenant",
  "provision-instance": "Provision instance",
  "retire-instance": "Retire instance",
  "migrate-catalog": "Migrate catalog",
};

export const operationTitle = ({ kind, subject }: OperationView): string =>
  `${operationWords[kind] ?? kind} ${subject}`;

/** An instant as a relative time that the page's script keeps up to date; its absolute form is in the title. */
export const when = (iso: string, nowMilliseconds: number): Html =>
  html`<time datetime="${iso}" title="${iso.replace("T", " ").replace(/\.\d+Z$/, " UTC")}" data-relative
    >${relativeTime(iso, nowMilliseconds)}</time
  >`;

/** One thing or several, in words. */
export const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/** An id for elements, from a name that might hold anything. */
export const elementId = (kind: string, name: string): string => `${kind}-${name.replace(/[^\w-]/g, "_")}`;
