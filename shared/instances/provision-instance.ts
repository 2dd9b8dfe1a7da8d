import { randomBytes } from "node:crypto";
import type { Operation } from "../operations/operation.ts";
import { withStep, withUndoing } from "../operations/operation.ts";
import type { SecretStore } from "../secrets/secret-store.ts";
import { reportKeySecretName, superuserEmail, superuserSecretName } from "../secrets/secret-store.ts";
import type { Stacks } from "../stack/stack.ts";
import type { Instance } from "./instance.ts";
import { instanceSteps, workErrors } from "./instance-operation.ts";
import type { InstanceWork, InstanceWorkDeps, Situation } from "./instance-work.ts";
import { makeLookAtWork, makeSettle, runStep } from "./instance-work.ts";
import type { DeploymentRequest, StackDeployments } from "./ports.ts";
import type { StepOutcome } from "./provisioning-rules.ts";
import { cancelledReason } from "./instance-standing.ts";
import { planRefusal, planSummary, presentableReason } from "./provisioning-rules.ts";

export interface ProvisionInstanceDeps extends InstanceWorkDeps {
  readonly deployments: StackDeployments;
  readonly stacks: Stacks;
  readonly secrets: SecretStore;
}

type Step = (work: InstanceWork) => Promise<StepOutcome>;

/**
 * The steps of an instance's provisioning. Each may be repeated, and does nothing once the work is stopped or another's;
 * none decides what comes next (the workflow does).
 */
export interface ProvisionInstance {
  /** Makes the secrets, asks what the deployment would do and refuses one that touches what is not the instance's. */
  readonly check: Step;
  readonly deploy: Step;
  /** Looks at the deployment; its endpoints are recorded once it has succeeded. */
  readonly awaitDeployment: Step;
  /** Readies the deployed instance for tenants. */
  readonly prepare: Step;
  readonly activate: Step;
  /** Turns the work round: the instance is `retiring` from now on and the cause is kept. What was done is removed next. */
  readonly undo: (work: InstanceWork, reason: string) => Promise<StepOutcome>;
}

const passwordBytes = 24;
const reportKeyBytes = 32;
const readinessSeconds = 1;

const isUnderWay = (current: Instance, { operationId }: InstanceWork): boolean =>
  current.status === "provisioning" && current.operationId === operationId;

const secretsOf = async (
  secrets: SecretStore,
  instanceId: string,
): Promise<Pick<DeploymentRequest, "superuserPassword" | "reportKey">> => {
  const make = (name: string, bytes: number): Promise<string> =>
    secrets.createIfAbsent(name, randomBytes(bytes).toString("base64url"));
  return {
    superuserPassword: await make(superuserSecretName(instanceId), passwordBytes),
    reportKey: await make(reportKeySecretName(instanceId), reportKeyBytes),
  };
};

const makeForward = (deps: ProvisionInstanceDeps) => {
  const lookAt = makeLookAtWork(deps);
  const { operations, clock, operatorOrgId, secrets } = deps;

  const noteRunning = async (operation: Operation, step: string): Promise<void> => {
    if (operation.steps.some(({ name, state }) => name === step && state !== "pending")) return;
    const at = clock().toISOString();
    await operations.forOwner(operatorOrgId).update(operation.id, (current) => withStep(current, step, "running", at));
  };

  /** A step that is run only while the work goes forward. */
  return (step: string, act: (situation: Situation, work: InstanceWork) => Promise<StepOutcome>): Step =>
    (work) =>
      runStep(secrets, work.instanceId, async () => {
        const situation = await lookAt(work);
        if (situation === undefined) return { state: "superseded" };
        const { instance, operation, standing } = situation;
        switch (standing.kind) {
          case "superseded":
            return { state: "superseded" };
          case "in-service":
            return { state: "done" };
          case "removing":
            return { state: "stopped", reason: instance.failure ?? cancelledReason };
          case "stop":
            return { state: "stopped", reason: standing.reason };
          case "forward":
            await noteRunning(operation, step);
            return act(situation, work);
        }
      });
};

const makeDeploymentSteps = (deps: ProvisionInstanceDeps, forward: ReturnType<typeof makeForward>) => {
  const { instances, operations, deployments, secrets, operatorOrgId } = deps;
  const requestOf = async ({ id, region, mode }: Instance): Promise<DeploymentRequest> => ({
    ...{ instanceId: id, region, mode, superuserEmail },
    ...(await secretsOf(secrets, id)),
  });
  const begin = async (instance: Instance): Promise<StepOutcome> => {
    const answer = await deployments.begin(await requestOf(instance));
    return answer.state === "refused" ? { state: "failed", reason: answer.reason } : { state: "done" };
  };
  return {
    check: forward(instanceSteps.check, async ({ instance, operation }) => {
      const plan = await deployments.plan(await requestOf(instance));
      if (plan.state === "refused") return { state: "failed", reason: plan.reason };
      const summary = planSummary(plan.changes);
      await operations
        .forOwner(operatorOrgId)
        .update(operation.id, (current) => (current.plan === summary ? undefined : { ...current, plan: summary }));
      const reason = planRefusal(plan.changes);
      return reason === undefined ? { state: "done" } : { state: "failed", reason };
    }),
    deploy: forward(instanceSteps.deploy, ({ instance }) => begin(instance)),
    awaitDeployment: forward(instanceSteps.deploy, async ({ instance }, work) => {
      const found = await deployments.check(instance.id);
      switch (found.state) {
        case "running":
          return { state: "waiting", retryAfterSeconds: found.retryAfterSeconds };
        case "missing": {
          const begun = await begin(instance);
          return begun.state === "done" ? { state: "waiting", retryAfterSeconds: 0 } : begun;
        }
        case "failed":
          return { state: "failed", reason: found.reason };
        case "succeeded": {
          const { internalEndpoint, version } = found;
          await instances.update(instance.pool, instance.id, (current) =>
            isUnderWay(current, work) ? { ...current, internalEndpoint, version } : undefined,
          );
          return { state: "done" };
        }
      }
    }),
  };
};

export const makeProvisionInstance = (deps: ProvisionInstanceDeps): ProvisionInstance => {
  const { instances, operations, stacks, clock, operatorOrgId, secrets } = deps;
  const forward = makeForward(deps);
  const lookAt = makeLookAtWork(deps);
  const settle = makeSettle(deps);
  const activate = forward(instanceSteps.activate, async ({ instance }, work) => {
    const stored = await instances.update(instance.pool, instance.id, (current) =>
      isUnderWay(current, work) ? { ...current, status: "active", failure: null } : undefined,
    );
    return stored?.status === "active" ? { state: "done" } : { state: "waiting", retryAfterSeconds: 0 };
  });
  return {
    ...makeDeploymentSteps(deps, forward),
    prepare: forward(instanceSteps.prepare, async ({ instance }) => {
      const { id: instanceId, internalEndpoint } = instance;
      if (internalEndpoint === null) return { state: "failed", reason: "The deployment named no endpoint." };
      const stack = stacks.at({ instanceId, internalEndpoint });
      if (!(await stack.isReady())) {
        return { state: "waiting", retryAfterSeconds: readinessSeconds, reason: "The instance is not ready." };
      }
      await stack.prepare();
      return { state: "done" };
    }),
    async activate(work) {
      const outcome = await activate(work);
      const situation = outcome.state === "done" ? await lookAt(work) : undefined;
      if (situation !== undefined) await settle(situation.operation);
      return outcome;
    },
    undo: (work, reason) =>
      runStep(secrets, work.instanceId, async () => {
        const { instance, operation, standing } = (await lookAt(work)) ?? {};
        if (instance === undefined || operation === undefined) return { state: "superseded" };
        if (standing?.kind === "superseded" || standing?.kind === "in-service") return { state: "superseded" };
        const failure = presentableReason(standing?.kind === "stop" ? standing.reason : reason, []);
        const stored = await instances.update(instance.pool, instance.id, (current) =>
          isUnderWay(current, work) ? { ...current, status: "retiring", failure } : undefined,
        );
        if (stored?.status !== "retiring") return { state: "superseded" };
        const at = clock().toISOString();
        await operations.forOwner(operatorOrgId).update(operation.id, (current) => {
          if (current.kind !== "provision-instance" || current.error !== null) return undefined;
          const code = current.cancelRequestedAt === undefined ? workErrors.failed : workErrors.cancelled;
          const detail = stored.failure ?? failure;
          return { ...withUndoing(current, instanceSteps.remove, at), error: { code, detail } };
        });
        return { state: "done" };
      }),
  };
};
