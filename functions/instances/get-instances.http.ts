import { z } from "zod";
import { parseInput } from "../../shared/gateway/parse-input.ts";
import type { InstanceStore } from "../../shared/instances/instance-store.ts";
import { InstanceStatus, instanceView } from "../../shared/instances/instance.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { ReadCaller } from "../http/read-caller.ts";

const Query = z.strictObject({ status: InstanceStatus.optional() });

interface Deps {
  readonly publicBaseUrl: string;
  readonly readOperator: ReadCaller;
  readonly instances: Pick<InstanceStore, "find" | "list">;
}

/** `GET /api/admin/instances?status`: the fleet, oldest first. */
export const listInstancesHttp = ({ readOperator, instances, publicBaseUrl }: Deps): HttpFunction => ({
  name: "list-instances",
  method: "GET",
  route: "api/admin/instances",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const { status } = parseInput(Query, Object.fromEntries(request.query.entries()));
    const fleet = await instances.list(status === undefined ? {} : { status });
    return json(200, { instances: fleet.map((instance) => instanceView(instance, publicBaseUrl)) });
  },
});

/** `GET /api/admin/instances/{instanceId}` */
export const getInstanceHttp = ({ readOperator, instances, publicBaseUrl }: Deps): HttpFunction => ({
  name: "get-instance",
  method: "GET",
  route: "api/admin/instances/{instanceId}",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const instance = await instances.find(request.params["instanceId"] ?? "");
    if (instance === undefined) throw new DomainError("not-found", "There is no instance with this id.");
    return json(200, instanceView(instance, publicBaseUrl));
  },
});
