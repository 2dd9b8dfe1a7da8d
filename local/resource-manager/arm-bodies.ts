import type { InstanceView } from "./instances.ts";
import type { DeploymentRecord, GroupRecord, InstanceRecord, StackInstanceParameters } from "./records.ts";

/** The kind of resource that a Stack instance is in Azure. */
export const instanceType = "Microsoft.App/containerApps";

const groupId = (subscriptionId: string, group: string): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${group}`;

export const deploymentId = ({ subscriptionId, resourceGroup, name }: DeploymentRecord): string =>
  `${groupId(subscriptionId, resourceGroup)}/providers/Microsoft.Resources/deployments/${name}`;

export const instanceId = (subscriptionId: string, group: string, name: string): string =>
  `${groupId(subscriptionId, group)}/providers/${instanceType}/${name}`;

export const groupBody = (group: GroupRecord): Record<string, unknown> => ({
  id: groupId(group.subscriptionId, group.name),
  name: group.name,
  type: "Microsoft.Resources/resourceGroups",
  location: group.location,
  tags: group.tags,
  properties: { provisioningState: "Succeeded" },
});

const typedParameters = (parameters: StackInstanceParameters): Record<string, unknown> => ({
  ...Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      { type: typeof value === "string" ? "String" : "Object", value },
    ]),
  ),
  // ARM names a secure parameter, never its value.
  superuserPassword: { type: "SecureString" },
  reportKey: { type: "SecureString" },
});

const durationBetween = (start: string, end: string): string =>
  `PT${((Date.parse(end) - Date.parse(start)) / 1000).toFixed(3)}S`;

/** The outputs of a deployment as they are now: an instance that had to move answers on another port. */
const outputsOf = (deployment: DeploymentRecord, view: InstanceView, version: string): Record<string, unknown> => ({
  internalEndpoint: { type: "String", value: view.internalEndpoint },
  publicEndpoint: { type: "String", value: view.publicEndpoint },
  version: { type: "String", value: version },
  resourceId: {
    type: "String",
    value: instanceId(deployment.subscriptionId, deployment.resourceGroup, view.name),
  },
});

/** DeploymentExtended. `view` is the instance as it is now, if it exists. */
export const deploymentBody = (
  deployment: DeploymentRecord,
  view: InstanceView | undefined,
  version: string,
): Record<string, unknown> => {
  const { subscriptionId, resourceGroup, parameters, provisioningState, error } = deployment;
  const hasOutputs = provisioningState === "Succeeded" && view !== undefined;
  return {
    id: deploymentId(deployment),
    name: deployment.name,
    type: "Microsoft.Resources/deployments",
    tags: deployment.tags,
    properties: {
      provisioningState,
      correlationId: deployment.operationId,
      timestamp: deployment.updatedAt,
      duration: durationBetween(deployment.createdAt, deployment.updatedAt),
      mode: "Incremental",
      parameters: typedParameters(parameters),
      providers: [],
      dependencies: [],
      ...(deployment.templateUri === undefined ? {} : { templateLink: { uri: deployment.templateUri } }),
      ...(hasOutputs
        ? {
            outputs: outputsOf(deployment, view, version),
            outputResources: [{ id: instanceId(subscriptionId, resourceGroup, view.name) }],
          }
        : {}),
      ...(error === undefined ? {} : { error: deploymentError(error) }),
    },
  };
};

/** ARM wraps what went wrong with a resource into a general failure. */
export const deploymentError = (error: {
  readonly code: string;
  readonly message: string;
}): Record<string, unknown> => ({
  code: "DeploymentFailed",
  message:
    "At least one resource deployment operation failed. Please list deployment operations for details. " +
    "Please see https://aka.ms/arm-deployment-operations for usage details.",
  details: [error],
});

/** DeploymentOperation, one for each step, as if each made a part of the instance; of one that failed with the reason. */
export const operationBodies = (deployment: DeploymentRecord): readonly Record<string, unknown>[] =>
  deployment.steps.map((step, index) => {
    const operationId = `${deployment.operationId}-${index}`;
    const instance = deployment.parameters.instanceName;
    const { provisioningState } = step;
    const error = provisioningState === "Failed" ? deployment.error : undefined;
    return {
      id: `${deploymentId(deployment)}/operations/${operationId}`,
      operationId,
      properties: {
        provisioningOperation: "Create",
        provisioningState,
        timestamp: step.finishedAt ?? step.startedAt,
        duration: durationBetween(step.startedAt, step.finishedAt ?? step.startedAt),
        statusCode: error === undefined ? "OK" : "Conflict",
        ...(error === undefined ? {} : { statusMessage: { status: provisioningState, error } }),
        targetResource: {
          id: `${instanceId(deployment.subscriptionId, deployment.resourceGroup, instance)}/steps/${step.name}`,
          resourceType: `${instanceType}/steps`,
          resourceName: `${instance}/${step.name}`,
        },
      },
    };
  });

const resourceStates = {
  Creating: "InProgress",
  Running: "Succeeded",
  Restarting: "Succeeded",
  Failed: "Failed",
  Deleting: "Deleting",
} as const;

/** GenericResource. */
export const resourceBody = (record: InstanceRecord, view: InstanceView): Record<string, unknown> => {
  const provisioningState = resourceStates[record.state];
  return {
    id: instanceId(record.subscriptionId, record.resourceGroup, view.name),
    name: view.name,
    type: instanceType,
    location: record.parameters.location,
    tags: record.parameters.tags,
    createdTime: record.createdAt,
    provisioningState,
    properties: {
      provisioningState,
      runningStatus: record.state,
      deploymentMode: record.parameters.deploymentMode,
      internalEndpoint: view.internalEndpoint,
      publicEndpoint: view.publicEndpoint,
    },
  };
};
