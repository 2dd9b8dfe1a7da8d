import { z } from "zod";
import type { CreateInstance } from "../../shared/instances/create-instance.ts";
import { DeploymentMode, instanceView, Region } from "../../shared/instances/instance.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import { readIdempotencyKey } from "../http/idempotency-key.ts";
import type { ReadCaller } from "../http/read-caller.ts";
import { readJson } from "../http/read-json.ts";
import type { ProvisioningOf } from "../http/workflows.ts";

const bodyOf = (defaultRegion: Region) =>
  z.strictObject({
    region: Region.default(defaultRegion),
    deploymentMode: DeploymentMode.default("SHARED"),
  });

interface Deps {
  readonly publicBaseUrl: string;
  readonly readOperator: ReadCaller;
  readonly createInstance: CreateInstance;
  readonly provisioningOf: ProvisioningOf;
  readonly defaultRegion: Region;
}

/** `POST /api/admin/instances` `{region?, deploymentMode?}`: 202, the operation is in `Location`. */
export const createInstanceHttp = ({ defaultRegion, ...deps }: Deps): HttpFunction => {
  const Body = bodyOf(defaultRegion);
  return {
    name: "create-instance",
    method: "POST",
    route: "api/admin/instances",
    access: "gateway",
    startsWorkflows: true,
    handler: async (request, context) => {
      await deps.readOperator(request);
      const { region, deploymentMode: mode } = await readJson(request, Body);
      const idempotencyKey = readIdempotencyKey(request);
      const instance = await deps.createInstance({
        region,
        mode,
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        startProvisioning: deps.provisioningOf(context),
      });
      const view = instanceView(instance, deps.publicBaseUrl);
      return json(202, view, { location: view.operation, "retry-after": "2" });
    },
  };
};
