import type { Instances } from "./instances.ts";
import type { DeploymentRecord } from "./records.ts";
import { deploymentSecretKeys, instanceReportKey, type SecretFiles } from "./secret-files.ts";
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

/** Hands the report key on from the deployment to the instance; one that brings none takes away an earlier one's. */
const keepReportKey = ({ key, deployment, secrets }: StepContext): void => {
  const keys = deploymentSecretKeys(key);
  // Gone: an earlier run of this deployment came further than this.
  if (secrets.read(keys.superuserPassword) === undefined) return;
  const reportKey = secrets.read(keys.reportKey);
  const kept = instanceReportKey(deployment.parameters.instanceName);
  if (reportKey === undefined) secrets.remove(kept);
  else secrets.write(kept, reportKey);
};

/** @throws Error when the name is another group's or its instance is going */
const requireClaimable = ({ deployment, state }: StepContext): void => {
  const { subscriptionId, resourceGroup, parameters } = deployment;
  const existing = state.instances.get(parameters.instanceName);
  if (existing === undefined) return;
  if (groupKey(existing.subscriptionId, existing.resourceGroup) !== groupKey(subscriptionId, resourceGroup))
    throw new Error(`The name '${parameters.instanceName}' is in use in another resource group.`);
  if (existing.state === "Deleting") throw new Error(`The instance '${parameters.instanceName}' is being deleted.`);
};

const claimInstance = (context: StepContext): void => {
  requireClaimable(context);
  const { deployment, state } = context;
  const { subscriptionId, resourceGroup, parameters } = deployment;
  const existing = state.instances.get(parameters.instanceName);
  // One that an earlier deployment gave up begins anew.
  const kept = existing?.state === "Failed" ? undefined : existing;
  state.instances.put(parameters.instanceName, {
    subscriptionId,
    resourceGroup,
    createdAt: kept?.createdAt ?? deployment.createdAt,
    parameters,
    state: kept?.state ?? "Creating",
    ...(existing?.port === undefined ? {} : { port: existing.port }),
  });
  keepReportKey(context);
};

const prepareSuperuser = async ({ key, deployment, instances, secrets }: StepContext): Promise<void> => {
  const keys = deploymentSecretKeys(key);
  const password = secrets.read(keys.superuserPassword);
  // Gone: an earlier run of this deployment has saved the superuser already.
  if (password === undefined) return;
  const { instanceName, superuserEmail } = deployment.parameters;
  await instances.keeper(instanceName).ensureSuperuser({ email: superuserEmail, password });
  secrets.remove(keys.superuserPassword);
  secrets.remove(keys.reportKey);
};

const startServer = ({ deployment, instances }: StepContext): Promise<void> =>
  instances.keeper(deployment.parameters.instanceName).start();

/** What deploying the template `stack-instance` means, in order. */
export const stackInstanceSteps: readonly Step[] = [
  { name: "claim-instance", run: claimInstance },
  { name: "prepare-superuser", run: prepareSuperuser },
  { name: "start-server", run: startServer },
];
