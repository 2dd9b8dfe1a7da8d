import type { InvocationContext } from "@azure/functions";
import type { Caller } from "../../shared/gateway/caller.ts";
import type { ControlInstanceOperation, InstanceWorkflows } from "../../shared/instances/control-operation.ts";
import { makeCancelInstanceOperation, makeRetryInstanceOperation } from "../../shared/instances/control-operation.ts";
import type { FindWork, InstanceWorkDeps } from "../../shared/instances/instance-work.ts";
import { wakingOf, workflowsOf } from "../http/workflows.ts";
import { isOfInstances, orchestrator, wakeEvent, workflowIdOf } from "./provision-instance.names.ts";

type WorkflowsFor = (context: InvocationContext) => InstanceWorkflows;

/** The workflows of instances, found by what their documents say is to be done. */
export const buildInstanceWorkflows =
  (findWork: FindWork): WorkflowsFor =>
  (context) => ({
    start: async (instanceId: string) => {
      const found = await findWork(instanceId);
      if (found === undefined || !isOfInstances(found.kind)) return;
      await workflowsOf(context)(orchestrator[found.kind], workflowIdOf(found.work.operationId), found.work);
    },
    wake: async (instanceId: string) => {
      const found = await findWork(instanceId);
      if (found !== undefined) await wakingOf(context)(workflowIdOf(found.work.operationId), wakeEvent);
    },
  });

/** Cancel and retry of work on instances, with the workflows of the request's own durable client. */
export const buildInstanceControls = (deps: InstanceWorkDeps, workflowsFor: WorkflowsFor) => {
  const through = (control: ControlInstanceOperation) => (caller: Caller, id: string, context: InvocationContext) =>
    control(caller, id, workflowsFor(context));
  return {
    cancel: through(makeCancelInstanceOperation(deps)),
    retry: through(makeRetryInstanceOperation(deps)),
  };
};
