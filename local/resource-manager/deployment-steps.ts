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

const claimInstance = (context: StepContext): void => {
  const { deployment, state } = context;
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
