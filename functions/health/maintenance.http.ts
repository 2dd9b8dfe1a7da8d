import { z } from "zod";
import type { MaintenanceStore, PlanMaintenance } from "../../shared/health/maintenance.ts";
import { maintenanceView } from "../../shared/health/maintenance.ts";
import type { Clock } from "../../shared/kernel/clock.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import { plainText } from "../http/plain-text.ts";
import type { ReadCaller } from "../http/read-caller.ts";
import { readJson } from "../http/read-json.ts";

/** Any offset is understood; what is kept is UTC with milliseconds. */
const Instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString());
const Body = z.strictObject({
  instanceId: z.string().regex(/^[a-z0-9][a-z0-9-]{0,99}$/),
  from: Instant.optional(),
  until: Instant,
  reason: plainText(500, "say why"),
});

interface Deps {
  readonly readOperator: ReadCaller;
  readonly maintenanceWindows: Pick<MaintenanceStore, "current" | "remove">;
  readonly planMaintenance: PlanMaintenance;
  readonly clock: Clock;
}

const route = "api/admin/maintenance-windows";

/** `GET /api/admin/maintenance-windows`: those that are not over. */
export const listMaintenanceHttp = ({ readOperator, maintenanceWindows, clock }: Deps): HttpFunction => ({
  name: "list-maintenance-windows",
  method: "GET",
  route,
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const current = await maintenanceWindows.current(clock().toISOString());
    return json(200, { maintenanceWindows: current.map(maintenanceView) });
  },
});

/** `POST /api/admin/maintenance-windows` `{instanceId, from?, until, reason}`: 201. */
export const createMaintenanceHttp = ({ readOperator, planMaintenance }: Deps): HttpFunction => ({
  name: "create-maintenance-window",
  method: "POST",
  route,
  access: "gateway",
  handler: async (request) => {
    const { email, sub } = await readOperator(request);
    const window = await planMaintenance({ ...(await readJson(request, Body)), by: email ?? sub });
    return json(201, maintenanceView(window), { location: `/${route}/${window.id}` });
  },
});

/** `DELETE /api/admin/maintenance-windows/{windowId}`: 204; one under way ends now. */
export const deleteMaintenanceHttp = ({ readOperator, maintenanceWindows }: Deps): HttpFunction => ({
  name: "delete-maintenance-window",
  method: "DELETE",
  route: `${route}/{windowId}`,
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    if (await maintenanceWindows.remove(request.params["windowId"] ?? "")) return { status: 204 };
    throw new DomainError("not-found", "There is no maintenance window with this id.");
  },
});
