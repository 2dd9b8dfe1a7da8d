import { randomUUID } from "node:crypto";
import { ArmError } from "./arm-error.ts";
import { deploymentFaultOf, failIfAsked, pause, StepError } from "./deployment-fault.ts";
import { type StepContext, stackInstanceSteps } from "./deployment-steps.ts";
import type { Fault } from "./fault-rules.ts";
import type { Instances } from "./instances.ts";
import { type DeploymentRecord, deploymentKey, type GroupRecord, isFinal, type StepRecord } from "./records.ts";
import { deploymentSecretKeys, instanceReportKey, type SecretFiles } from "./secret-files.ts";
import type { ParsedDeployment } from "./stack-instance-template.ts";
import type { State } from "./state.ts";

export interface DeploymentsOptions {
  readonly state: State;
  readonly instances: Instances;
  readonly secrets: SecretFiles;
  readonly log: (line: string) => void;
}

/** Accepts deployments and carries them out, one run at a time for each name; a killed manager's next start goes on. */
export class Deployments {
  readonly #options: DeploymentsOptions;
  readonly #runs = new Map<string, Promise<void>>();
  readonly #stops = new Map<string, AbortController>();
  #isClosing = false;

  constructor(options: DeploymentsOptions) {
    this.#options = options;
  }

  /** Continues every deployment that was under way and forgets the secrets of all others. */
  resume(): void {
    const active = this.#options.state.deployments.list().filter(([, deployment]) => !isFinal(deployment));
    this.#options.secrets.keepOnly([
      ...active.flatMap(([key]) => Object.values(deploymentSecretKeys(key))),
      ...this.#options.state.instances.list().map(([name]) => instanceReportKey(name)),
    ]);
    for (const [key] of active) this.#begin(key);
    for (const [name, { state }] of this.#options.state.instances.list())
      if (state === "Creating" && !this.isBusy(name)) this.#options.instances.giveUp(name);
  }

  /** Records the deployment and starts it. @throws ArmError DeploymentActive while a run of the same name goes on */
  accept(group: GroupRecord, name: string, parsed: ParsedDeployment, fault?: Fault): DeploymentRecord {
    const key = deploymentKey(group.subscriptionId, group.name, name);
    this.requireInactive(key, name);
    const deployment = newDeployment(group, name, parsed, fault);
    // Accepted, then lost: it is answered as if it were there.
    if (fault?.kind === "lost") return deployment;
    // The secrets first: a recorded deployment without its secrets could not go on after a crash.
    this.#keepSecrets(key, parsed);
    this.#options.state.deployments.put(key, deployment);
    this.#begin(key);
    return deployment;
  }

  /** @throws ArmError DeploymentActive */
  requireInactive(key: string, name: string): void {
    const existing = this.#options.state.deployments.get(key);
    if (this.#runs.has(key) || (existing !== undefined && !isFinal(existing)))
      throw new ArmError("DeploymentActive", `The deployment '${name}' is still active: wait for it or cancel it.`);
  }

  /** Whether some deployment works on this instance now. */
  isBusy(instanceName: string): boolean {
    return this.#options.state.deployments
      .list()
      .some(([, other]) => !isFinal(other) && other.parameters.instanceName === instanceName);
  }

  /** Ends after the step under way, and the server if it is new; data stay until they are deleted, as in Azure. @throws ArmError when it is not active */
  cancel(key: string): void {
    const deployment = this.#options.state.deployments.get(key);
    if (deployment === undefined || isFinal(deployment))
      throw new ArmError("DeploymentCannotBeCancelled", "The deployment has ended and cannot be cancelled.");
    this.#change(key, (record) => ({
      ...record,
      provisioningState: "Canceled",
      steps: endLastStep(record.steps, "Canceled"),
    }));
    this.#forgetSecrets(key);
    if (this.#isMakerOf(deployment)) this.#options.instances.giveUp(deployment.parameters.instanceName);
    this.#stops.get(key)?.abort();
  }

  /** Waits for the steps under way; unfinished deployments stay recorded as such and go on at the next start. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const stop of this.#stops.values()) stop.abort();
    await Promise.all(this.#runs.values());
  }

  #begin(key: string): void {
    const stop = new AbortController();
    const run = this.#run(key, stop.signal).catch((error: unknown) => this.#fail(key, error));
    const settled = run.then(() => this.#settle(key));
    this.#runs.set(key, settled);
    this.#stops.set(key, stop);
    void settled.then(() => [this.#runs.delete(key), this.#stops.delete(key)]);
  }

  /** Whether the instance is there only because of this deployment. */
  #isMakerOf({ createdAt, parameters }: DeploymentRecord): boolean {
    return this.#options.state.instances.get(parameters.instanceName)?.createdAt === createdAt;
  }

  /** Leaves no server running of what came to nothing, whichever step has just ended. */
  #settle(key: string): void {
    const deployment = this.#options.state.deployments.get(key);
    if (deployment === undefined || this.#isClosing || !this.#isMakerOf(deployment)) return;
    const { instanceName } = deployment.parameters;
    const state = this.#options.state.instances.get(instanceName)?.state;
    if (state === "Failed" || (state === "Creating" && isFinal(deployment)))
      this.#options.instances.giveUp(instanceName);
  }

  #isActive(key: string): boolean {
    const deployment = this.#options.state.deployments.get(key);
    return deployment !== undefined && !isFinal(deployment) && !this.#isClosing;
  }

  /** Changes a deployment that has not ended; answers whether there was one to change. */
  #change(key: string, change: (record: DeploymentRecord) => DeploymentRecord): boolean {
    const record = this.#options.state.deployments.get(key);
    if (record === undefined || isFinal(record)) return false;
    this.#options.state.deployments.put(key, { ...change(record), updatedAt: new Date().toISOString() });
    return true;
  }

  async #run(key: string, signal: AbortSignal): Promise<void> {
    this.#change(key, (record) => ({ ...record, provisioningState: "Running", steps: [] }));
    for (const step of stackInstanceSteps) {
      const started: StepRecord = {
        name: step.name,
        startedAt: new Date().toISOString(),
        provisioningState: "Running",
      };
      this.#change(key, (record) => ({ ...record, steps: [...record.steps, started] }));
      const deployment = this.#options.state.deployments.get(key);
      if (deployment?.fault?.stepMilliseconds !== undefined) await pause(deployment.fault.stepMilliseconds, signal);
      if (deployment === undefined || !this.#isActive(key)) return;
      const context: StepContext = { ...this.#options, key, deployment };
      failIfAsked(deployment.fault, step.name, "before");
      await step.run(context);
      failIfAsked(deployment.fault, step.name, "after");
      this.#change(key, (record) => ({ ...record, steps: endLastStep(record.steps, "Succeeded") }));
    }
    this.#change(key, (record) => ({ ...record, provisioningState: "Succeeded" }));
  }

  #fail(key: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#options.log(`deployment ${key}: ${message}`);
    // A step that fails because everything is being stopped is repeated at the next start.
    if (this.#isClosing) return;
    this.#change(key, (record) => ({
      ...record,
      provisioningState: "Failed",
      steps: endLastStep(record.steps, "Failed"),
      error: { code: error instanceof StepError ? error.code : "ResourceDeploymentFailure", message },
    }));
    this.#forgetSecrets(key);
  }

  #keepSecrets(key: string, { superuserPassword, reportKey }: ParsedDeployment): void {
    const keys = deploymentSecretKeys(key);
    if (reportKey === undefined) this.#options.secrets.remove(keys.reportKey);
    else this.#options.secrets.write(keys.reportKey, reportKey);
    this.#options.secrets.write(keys.superuserPassword, superuserPassword);
  }

  #forgetSecrets(key: string): void {
    for (const secretKey of Object.values(deploymentSecretKeys(key))) this.#options.secrets.remove(secretKey);
  }
}

const newDeployment = (
  group: GroupRecord,
  name: string,
  parsed: ParsedDeployment,
  fault: Fault | undefined,
): DeploymentRecord => {
  const now = new Date().toISOString();
  const ours = deploymentFaultOf(fault);
  return {
    subscriptionId: group.subscriptionId,
    resourceGroup: group.name,
    name,
    provisioningState: "Accepted",
    operationId: randomUUID(),
    createdAt: now,
    updatedAt: now,
    tags: parsed.tags,
    parameters: parsed.parameters,
    steps: [],
    ...(parsed.templateUri === undefined ? {} : { templateUri: parsed.templateUri }),
    ...(ours === undefined ? {} : { fault: ours }),
  };
};

const endLastStep = (steps: readonly StepRecord[], outcome: "Succeeded" | "Failed" | "Canceled"): StepRecord[] =>
  steps.map((step, index) =>
    index === steps.length - 1 ? { ...step, provisioningState: outcome, finishedAt: new Date().toISOString() } : step,
  );
