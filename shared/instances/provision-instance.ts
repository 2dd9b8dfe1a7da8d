import { randomBytes } from "node:crypto";
import type { Clock } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import { withStep } from "../operations/operation.ts";
import type { SecretStore } from "../secrets/secret-store.ts";
import { superuserEmail, superuserSecretName } from "../secrets/secret-store.ts";
import type { Stacks } from "../stack/stack.ts";
import type { Instance } from "./instance.ts";
import { instanceSteps } from "./instance-operation.ts";
import type { InstanceStore } from "./instance-store.ts";
import type { DeploymentState, InstanceOperations, StackDeployments } from "./ports.ts";

export interface ProvisionInstanceDeps {
  readonly instances: InstanceStore;
  readonly operations: InstanceOperations;
  readonly deployments: StackDeployments;
  readonly stacks: Stacks;
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly operatorOrgId: string;
}

/**
 * The steps of an instance's provisioning. Each may be repeated; none decides what comes next (the workflow does).
 * @throws DomainError `not-found`, `unavailable`, `stack-unavailable`: the step may be tried again
 */
export interface ProvisionInstance {
  begin(instanceId: string): Promise<void>;
  /** Where the deployment stands; its endpoints are recorded once it has succeeded. */
  checkDeployment(instanceId: string): Promise<DeploymentState>;
  /** Readies the deployed instance for tenants. False: it does not answer yet. */
  prepare(instanceId: string): Promise<boolean>;
  activate(instanceId: string): Promise<void>;
  /** Removes what was deployed; the reason stays on the instance and its operation. */
  fail(instanceId: string, reason: string): Promise<void>;
}

type Step = keyof typeof instanceSteps;

const passwordBytes = 24;

const makeNote =
  ({ operations, clock, operatorOrgId }: ProvisionInstanceDeps) =>
  async (instance: Instance, step: Step, state: "running" | "done" | "failed"): Promise<void> => {
    const at = clock().toISOString();
    await operations
      .forOwner(operatorOrgId)
      .update(instance.operationId, (operation) => withStep(operation, instanceSteps[step], state, at));
  };

const makeRead =
  ({ instances }: ProvisionInstanceDeps) =>
  async (instanceId: string): Promise<Instance> => {
    const instance = await instances.find(instanceId);
    if (instance === undefined) throw new DomainError("not-found", `There is no instance ${instanceId}.`);
    return instance;
  };

const makeFinish =
  ({ instances, operations, clock, operatorOrgId }: ProvisionInstanceDeps) =>
  async (instance: Instance, failure: string | null): Promise<void> => {
    const status = failure === null ? ("active" as const) : ("failed" as const);
    await instances.update(instance.pool, instance.id, (current) =>
      current.status === "provisioning" ? { ...current, status, failure } : undefined,
    );
    const updatedAt = clock().toISOString();
    await operations.forOwner(operatorOrgId).update(instance.operationId, (operation) => ({
      ...(failure === null ? withStep(operation, instanceSteps.activate, "done", updatedAt) : operation),
      status: failure === null ? "succeeded" : "failed",
      error: failure === null ? null : { code: "provisioning-failed", detail: failure },
      updatedAt,
    }));
  };

export const makeProvisionInstance = (deps: ProvisionInstanceDeps): ProvisionInstance => {
  const { instances, deployments, stacks, secrets } = deps;
  const read = makeRead(deps);
  const note = makeNote(deps);
  const finish = makeFinish(deps);
  return {
    async begin(instanceId) {
      const instance = await read(instanceId);
      const generated = randomBytes(passwordBytes).toString("base64url");
      const superuserPassword = await secrets.createIfAbsent(superuserSecretName(instanceId), generated);
      await note(instance, "deploy", "running");
      const { region, mode } = instance;
      await deployments.begin({ instanceId, region, mode, superuserEmail, superuserPassword });
    },
    async checkDeployment(instanceId) {
      const instance = await read(instanceId);
      const found = await deployments.check(instanceId);
      if (found.state !== "succeeded") return found;
      const { internalEndpoint, publicEndpoint, version } = found;
      await instances.update(instance.pool, instanceId, (current) => ({
        ...current,
        internalEndpoint,
        publicEndpoint,
        version,
      }));
      await note(instance, "prepare", "running");
      return found;
    },
    async prepare(instanceId) {
      const { internalEndpoint } = await read(instanceId);
      if (internalEndpoint === null) return false;
      const stack = stacks.at({ instanceId, internalEndpoint });
      if (!(await stack.isReady())) return false;
      await stack.prepare();
      return true;
    },
    activate: async (instanceId) => finish(await read(instanceId), null),
    async fail(instanceId, reason) {
      const instance = await read(instanceId);
      if (instance.status === "active") return;
      await deployments.remove(instanceId);
      await finish(instance, reason);
    },
  };
};
