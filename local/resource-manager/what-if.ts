import { isDeepStrictEqual } from "node:util";
import { instanceId, instanceType } from "./arm-bodies.ts";
import type { RouteContext } from "./group-routes.ts";
import type { GroupRecord, StackInstanceParameters } from "./records.ts";

const resourceOf = (id: string, parameters: StackInstanceParameters): Record<string, unknown> => ({
  id,
  name: parameters.instanceName,
  type: instanceType,
  location: parameters.location,
  tags: parameters.tags,
  properties: {
    deploymentMode: parameters.deploymentMode,
    superuserEmail: parameters.superuserEmail,
    reportUrl: parameters.reportUrl ?? "",
  },
});

/** WhatIfChange, one for each resource of the group: what deploying these parameters would do. */
export const predictChanges = (
  { state }: Pick<RouteContext, "state">,
  group: GroupRecord,
  parameters: StackInstanceParameters,
): readonly Record<string, unknown>[] => {
  const resourceId = instanceId(group.subscriptionId, group.name, parameters.instanceName);
  const existing = state.instances.get(parameters.instanceName);
  const after = resourceOf(resourceId, parameters);
  if (existing === undefined) return [{ resourceId, changeType: "Create", after }];
  const before = resourceOf(resourceId, existing.parameters);
  return [{ resourceId, changeType: isDeepStrictEqual(before, after) ? "NoChange" : "Modify", before, after }];
};
