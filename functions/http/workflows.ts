import type { InvocationContext } from "@azure/functions";
import { getClient, OrchestrationRuntimeStatus } from "durable-functions";

/** Starts a workflow under an id, unless one under that id is on its way. */
export type StartWorkflow = (name: string, workflowId: string, input: unknown) => Promise<void>;

const unfinished: readonly OrchestrationRuntimeStatus[] = [
  OrchestrationRuntimeStatus.Pending,
  OrchestrationRuntimeStatus.Running,
  OrchestrationRuntimeStatus.Suspended,
  OrchestrationRuntimeStatus.ContinuedAsNew,
];

/** Workflows through the durable client of this invocation. A race between two starters is settled by the task hub. */
export const workflowsOf = (context: InvocationContext): StartWorkflow => {
  const client = getClient(context);
  const isUnderWay = async (workflowId: string): Promise<boolean> => {
    const all = await client.getStatusBy({ runtimeStatus: [...unfinished] });
    return all.some(({ instanceId }) => instanceId === workflowId);
  };
  return async (name, workflowId, input) => {
    if (await isUnderWay(workflowId)) return;
    try {
      await client.startNew(name, { instanceId: workflowId, input });
    } catch (error) {
      if (!(await isUnderWay(workflowId))) throw error;
    }
  };
};

/** Starts the provisioning of an instance through this invocation's durable client. */
export type ProvisioningOf = (context: InvocationContext) => (instanceId: string) => Promise<void>;

/** Starts the instances a pool lacks, through this invocation's durable client. */
export type ScaleOutOf = (context: InvocationContext) => (pool: string) => Promise<void>;
