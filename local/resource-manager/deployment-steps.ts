import type { Instances } from "./instances.ts";
import type { DeploymentRecord } from "./records.ts";
import type { SecretFiles } from "./secret-files.ts";
import type { State } from "./state.ts";
import { groupKey } from "./records.ts";

/** What a step works with. */
export interface StepContext {
  readonly key: string;
  readonly deployment: DeploymentRecord;
  readonly state: State;
  readonly instances: Instances;
  readonly secrets: SecretFiles;
}

/** One thing a deployment does. It can be repeated: a deployment that was cut short starts again from its first step. */
export interface Step {
  readonly name: "claim-instance" | "prepare-superuser" | "start-server";
  readonly run: (context: StepContext) => void | Promise<void>;
}

const claimInstance = ({ deployment, state }: StepContext): void => {
  const { subscriptionId, resourceGroup, parameters } = deployment;
  const existing = state.instances.get(parameters.instanceName);
  const isOthers =
    existing !== undefined &&
    groupKey(existing.subscriptionId, existing.resourceGroup) !== groupKey(subscriptionId, resourceGroup);
  if (isOthers) throw new Error(`The name '${parameters.instanceName}' is in use in another resource group.`);
  if (existing?.state === "Deleting") throw new Error(`The instance '${parameters.instanceName}' is being deleted.`);
  state.instances.put(parameters.instanceName, {
    subscriptionId,
    resourceGroup,
    createdAt: existing?.createdAt ?? deployment.createdAt,
    parameters,
    state: existing?.state ?? "Creating",
    ...(existing?.port === undefined ? {} : { port: existing.port }),
  });
};

const prepareSuperuser = async ({ key, deployment, instances, secrets }: StepContext): Promise<void> => {
  const password = secrets.read(key);
  // Gone: an earlier run of this deployment has saved the superuser already.
  if (password === undefined) return;
  const { instanceName, superuserEmail } = deployment.parameters;
  await instances.keeper(instanceName).ensureSuperuser({ email: superuserEmail, password });
  secrets.remove(key);
};

const startServer = ({ deployment, instances }: StepContext): Promise<void> =>
  instances.keeper(deployment.parameters.instanceName).start();

/** What deploying the template `stack-instance` means, in order. */
export const stackInstanceSteps: readonly Step[] = [
  { name: "claim-instance", run: claimInstance },
  { name: "prepare-superuser", run: prepareSuperuser },
  { name: "start-server", run: startServer },
];
