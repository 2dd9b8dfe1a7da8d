import type { AlertStore } from "../../shared/health/alert.ts";
import { failedAlertView } from "../../shared/health/alert.ts";
import type { IncidentStore } from "../../shared/health/incident-store.ts";
import { incidentView } from "../../shared/health/incident.ts";
import type { ChangeIncident } from "../../shared/health/manage-incidents.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { ReadCaller } from "../http/read-caller.ts";

interface Deps {
  readonly readOperator: ReadCaller;
  readonly incidents: Pick<IncidentStore, "unresolved" | "resolved">;
  readonly alerts: Pick<AlertStore, "failed">;
  readonly acknowledgeIncident: ChangeIncident;
  readonly resolveIncident: ChangeIncident;
}

const resolvedMax = 100;
const failedAlertsMax = 50;

/** `GET /api/admin/incidents`: unresolved ones, the newest resolved ones, and alerts that nobody took. */
export const listIncidentsHttp = ({ readOperator, incidents, alerts }: Deps): HttpFunction => ({
  name: "list-incidents",
  method: "GET",
  route: "api/admin/incidents",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const found = [...(await incidents.unresolved()), ...(await incidents.resolved(resolvedMax))];
    const failed = await alerts.failed(failedAlertsMax);
    return json(200, { incidents: found.map(incidentView), failedAlerts: failed.map(failedAlertView) });
  },
});

const changeIncidentHttp = (verb: string, readOperator: ReadCaller, change: ChangeIncident): HttpFunction => ({
  name: `${verb}-incident`,
  method: "POST",
  route: `api/admin/incidents/{incidentId}/${verb}`,
  access: "gateway",
  handler: async (request) => {
    const { email, sub } = await readOperator(request);
    return json(200, incidentView(await change(request.params["incidentId"] ?? "", email ?? sub)));
  },
});

/** `POST /api/admin/incidents/{incidentId}/acknowledge`: an operator is at it. */
export const acknowledgeIncidentHttp = ({ readOperator, acknowledgeIncident }: Deps): HttpFunction =>
  changeIncidentHttp("acknowledge", readOperator, acknowledgeIncident);

/** `POST /api/admin/incidents/{incidentId}/resolve`: an operator declares it over. */
export const resolveIncidentHttp = ({ readOperator, resolveIncident }: Deps): HttpFunction =>
  changeIncidentHttp("resolve", readOperator, resolveIncident);
