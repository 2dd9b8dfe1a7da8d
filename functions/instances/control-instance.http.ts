import type { BeginRetiring, SetDraining } from "../../shared/instances/control-instance.ts";
import { instanceView } from "../../shared/instances/instance.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { ReadCaller } from "../http/read-caller.ts";
import type { ProvisioningOf } from "../http/workflows.ts";

interface Deps {
  readonly publicBaseUrl: string;
  readonly readOperator: ReadCaller;
  readonly setDraining: SetDraining;
  readonly beginRetiring: BeginRetiring;
  readonly provisioningOf: ProvisioningOf;
}

const drainingHttp = (wish: "drain" | "undrain", { readOperator, setDraining, publicBaseUrl }: Deps): HttpFunction => ({
  name: `${wish}-instance`,
  method: "POST",
  route: `api/admin/instances/{instanceId}/${wish}`,
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const instance = await setDraining(request.params["instanceId"] ?? "", wish === "drain");
    return json(200, instanceView(instance, publicBaseUrl));
  },
});

/** `POST /api/admin/instances/{instanceId}/drain`: keeps its tenants, takes no new ones. 200, also when it was draining. */
export const drainInstanceHttp = (deps: Deps): HttpFunction => drainingHttp("drain", deps);

/** `POST /api/admin/instances/{instanceId}/undrain`: takes tenants again. 200, also when it did. */
export const undrainInstanceHttp = (deps: Deps): HttpFunction => drainingHttp("undrain", deps);

/** `POST /api/admin/instances/{instanceId}/retire`: 202 with the instance, the operation is in `Location`. */
export const retireInstanceHttp = ({
  readOperator,
  beginRetiring,
  provisioningOf,
  publicBaseUrl,
}: Deps): HttpFunction => ({
  name: "request-retirement",
  method: "POST",
  route: "api/admin/instances/{instanceId}/retire",
  access: "gateway",
  startsWorkflows: true,
  handler: async (request, context) => {
    await readOperator(request);
    const { instance } = await beginRetiring(request.params["instanceId"] ?? "", provisioningOf(context));
    const view = instanceView(instance, publicBaseUrl);
    return json(202, view, { location: view.operation, "retry-after": "2" });
  },
});
