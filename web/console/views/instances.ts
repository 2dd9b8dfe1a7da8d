import { dataTable, tableRow } from "../../page/data-table.ts";
import { element } from "../../page/element.ts";
import type { Instance } from "../api/platform-api.ts";

const tones: Readonly<Record<string, string>> = { active: "good", provisioning: "warn", failed: "bad" };

const rowOf = ({ id, region, deploymentMode, status, currentTenants, maxTenants, version }: Instance) =>
  tableRow(
    element("code", {}, id),
    element("span", { class: `badge ${tones[status] ?? ""}` }, status),
    `${currentTenants} of ${maxTenants}`,
    region,
    deploymentMode.toLowerCase(),
    version ?? "–",
  );

/** The fleet, for the people who operate the platform. */
export const instancesView = (instances: readonly Instance[]): HTMLElement => {
  const table = dataTable("Stack instances", ["Instance", "Status", "Tenants", "Region", "Mode", "PocketBase"]);
  table.body.append(...instances.map(rowOf));
  return element(
    "section",
    { class: "card stack" },
    element("h2", {}, "Stack instances"),
    element("p", { class: "soft small" }, "You see this because you operate the platform."),
    instances.length === 0 ? element("p", {}, "There is no instance yet.") : table.root,
  );
};
