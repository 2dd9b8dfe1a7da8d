import { z } from "zod";

/** Microsoft.Resources/resourceGroups. */
export const GroupRecord = z.object({
  subscriptionId: z.string(),
  name: z.string(),
  location: z.string(),
  tags: z.record(z.string(), z.string()),
});
export type GroupRecord = z.infer<typeof GroupRecord>;

/** What a deployment of the stack-instance template asks for, without the secrets. */
export const StackInstanceParameters = z.object({
  instanceName: z.string(),
  location: z.string(),
  deploymentMode: z.string(),
  superuserEmail: z.string(),
  /** Without a slash at the end; where the gateway was when it was deployed. */
  publicBaseUrl: z.string().optional(),
  /** Where the instance reports its health. */
  reportUrl: z.string().optional(),
  tags: z.record(z.string(), z.string()),
});
export type StackInstanceParameters = z.infer<typeof StackInstanceParameters>;

const DeploymentFault = z.object({
  /** How long each step waits before it begins. */
  stepMilliseconds: z.number().optional(),
  retryAfterSeconds: z.number().optional(),
  failAt: z
    .object({ step: z.string(), when: z.enum(["before", "after"]), code: z.string(), message: z.string() })
    .optional(),
});
export type DeploymentFault = z.infer<typeof DeploymentFault>;

const StepRecord = z.object({
  name: z.string(),
  startedAt: z.string(),
  finishedAt: z.string().optional(),
  provisioningState: z.enum(["Running", "Succeeded", "Failed", "Canceled"]),
});
export type StepRecord = z.infer<typeof StepRecord>;

/** Microsoft.Resources/deployments. Secrets are never part of it. */
export const DeploymentRecord = z.object({
  subscriptionId: z.string(),
  resourceGroup: z.string(),
  name: z.string(),
  provisioningState: z.enum(["Accepted", "Running", "Succeeded", "Failed", "Canceled"]),
  /** Names this run of the deployment; a repeat has a new one. */
  operationId: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  tags: z.record(z.string(), z.string()),
  templateUri: z.string().optional(),
  parameters: StackInstanceParameters,
  steps: z.array(StepRecord),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  /** What is to go wrong with it, on request. */
  fault: DeploymentFault.optional(),
});
export type DeploymentRecord = z.infer<typeof DeploymentRecord>;

/** One Stack instance: in Azure a Microsoft.App/containerApps, here a PocketBase process. */
export const InstanceRecord = z.object({
  subscriptionId: z.string(),
  resourceGroup: z.string(),
  createdAt: z.string(),
  parameters: StackInstanceParameters,
  /** The port it had last and gets again if it can. */
  port: z.number().int().optional(),
  state: z.enum(["Creating", "Running", "Restarting", "Failed", "Deleting"]),
  /** When one that is being deleted may go; absent: at once. */
  removeAfter: z.string().optional(),
});
export type InstanceRecord = z.infer<typeof InstanceRecord>;

export const isFinal = (deployment: DeploymentRecord): boolean =>
  deployment.provisioningState !== "Accepted" && deployment.provisioningState !== "Running";

/** Names in Azure compare without regard to case. */
export const groupKey = (subscriptionId: string, name: string): string => `${subscriptionId}/${name}`.toLowerCase();

export const deploymentKey = (subscriptionId: string, group: string, name: string): string =>
  `${groupKey(subscriptionId, group)}/${name.toLowerCase()}`;
