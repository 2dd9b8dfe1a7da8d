import type { InvocationContext } from "@azure/functions";
import type { DurableClient } from "durable-functions";
import { getClient, OrchestrationRuntimeStatus } from "durable-functions";

/** Starts a workflow under an id, unless one under that id is on its way. */
export type StartWorkflow = (name: string, workflowId: string, input: unknown) => Promise<void>;

const unfinished: readonly OrchestrationRuntimeStatus[] = [
  OrchestrationRuntimeStatus.Pending,
  OrchestrationRuntimeStatus.Running,
  OrchestrationRuntimeStatus.Suspended,
  OrchestrationRuntimeStatus.ContinuedAsNew,
];

const isUnderWay = async (client: DurableClient, workflowId: string): Promise<boolean> => {
  const all = await client.getStatusBy({ runtimeStatus: [...unfinished] });
  return all.some(({ instanceId }) => instanceId === workflowId);
};

/** Workflows through the durable client of this invocation. A race between two starters is settled by the task hub. */
export const workflowsOf = (context: InvocationContext): StartWorkflow => {
  const client = getClient(context);
  return async (name, workflowId, input) => {
    if (await isUnderWay(client, workflowId)) return;
    try {
      await client.startNew(name, { instanceId: workflowId, input });
    } catch (error) {
      if (!(await isUnderWay(client, workflowId))) throw error;
    }
  };
};

/** Raises an event for the workflow under this id; one that has ended, or was never started, needs none. */
export type WakeWorkflow = (workflowId: string, event: string) => Promise<void>;

export const wakingOf = (context: InvocationContext): WakeWorkflow => {
  const client = getClient(context);
  return async (workflowId, event) => {
    if (await isUnderWay(client, workflowId)) await client.raiseEvent(workflowId, event, {});
  };
};

/** Forgets ended workflows that began before this moment; what came of them is in the operations. Answers how many. */
export type PurgeWorkflows = (context: InvocationContext, before: Date) => Promise<number>;

export const purgeWorkflows: PurgeWorkflows = async (context, before) => {
  const { instancesDeleted } = await getClient(context).purgeInstanceHistoryBy({
    createdTimeFrom: new Date(0),
    createdTimeTo: before,
    runtimeStatus: [
      OrchestrationRuntimeStatus.Completed,
      OrchestrationRuntimeStatus.Failed,
      OrchestrationRuntimeStatus.Terminated,
    ],
  });
  return instancesDeleted;
};

/** Starts the work on an instance through this invocation's durable client. */
export type ProvisioningOf = (context: InvocationContext) => (instanceId: string) => Promise<void>;

/** Starts the instances a pool lacks, through this invocation's durable client. */
export type ScaleOutOf = (context: InvocationContext) => (pool: string) => Promise<void>;
