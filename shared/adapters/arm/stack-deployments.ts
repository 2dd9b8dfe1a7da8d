import type { Deployment, DeploymentExtended } from "@azure/arm-resourcesdeployments";
import type {
  DeploymentPlan,
  DeploymentRequest,
  DeploymentState,
  RemovalState,
  StackDeployments,
} from "../../instances/ports.ts";
import type { Clock } from "../../kernel/clock.ts";
import { apiVersionOf } from "./api-versions.ts";
import { innermostReason, isRefusal, reasonOf, retryAfterSecondsOf, statusOf, unavailable } from "./arm-error.ts";
import type { Answered, ArmClients, ListedResource } from "./clients.ts";
import { plannedChanges } from "./planned-changes.ts";

export interface ArmStackDeploymentsOptions {
  /** Called once, with the first deployment. */
  readonly clients: () => Promise<ArmClients>;
  /** The compiled `stack-instance.bicep`; from configuration, never from a request. */
  readonly templateUri: string;
  /** Base of every Stack's public endpoint and of its health reports, without a trailing slash. */
  readonly publicBaseUrl: string;
  readonly clock: Clock;
}

const timeoutMilliseconds = 30_000;
/** What-if compares every resource; on Azure it may take a minute. */
const planTimeoutMilliseconds = 120_000;
const pollAfterSeconds = 2;
const removalPollSeconds = 2;
const instanceTag = "kombify-instance";
const operationsMax = 200;

/** ARM allows 64 characters of [-\w._()]; derived from the instance, so a repeat is the same deployment. */
const deploymentNameOf = (instanceId: string): string => `kombify-${instanceId}`;

const bounded = (milliseconds = timeoutMilliseconds) => ({ abortSignal: AbortSignal.timeout(milliseconds) });

const output = (properties: DeploymentExtended["properties"], name: string): string | undefined => {
  const outputs: unknown = properties?.outputs;
  if (typeof outputs !== "object" || outputs === null) return undefined;
  const entry: unknown = Reflect.get(outputs, name);
  const value: unknown = typeof entry === "object" && entry !== null ? Reflect.get(entry, "value") : undefined;
  return typeof value === "string" ? value : undefined;
};

const succeeded = (properties: DeploymentExtended["properties"]): DeploymentState => {
  const internalEndpoint = output(properties, "internalEndpoint");
  if (internalEndpoint === undefined) {
    return { state: "failed", reason: "The deployment succeeded without naming its endpoint." };
  }
  return { state: "succeeded", internalEndpoint, version: output(properties, "version") ?? "unknown" };
};

const isOver = ({ properties }: DeploymentExtended): boolean =>
  ["Succeeded", "Failed", "Canceled"].includes(properties?.provisioningState ?? "");

const deploymentOf = (request: DeploymentRequest, options: ArmStackDeploymentsOptions): Deployment => ({
  properties: {
    mode: "Incremental",
    templateLink: { uri: options.templateUri },
    parameters: {
      instanceName: { value: request.instanceId },
      location: { value: request.region },
      deploymentMode: { value: request.mode },
      superuserEmail: { value: request.superuserEmail },
      superuserPassword: { value: request.superuserPassword },
      publicBaseUrl: { value: options.publicBaseUrl },
      reportUrl: { value: `${options.publicBaseUrl}/api/internal/instances/${request.instanceId}/health` },
      reportKey: { value: request.reportKey },
      tags: { value: { [instanceTag]: request.instanceId } },
    },
  },
});

/** ARM's general words for a deployment that failed; the deployment's operations say more. */
const isGeneral = (reason: string | undefined): boolean => reason === undefined || /^DeploymentFailed\b/.test(reason);

interface Arm {
  readonly calls: () => Promise<ArmClients>;
  /** Runs a call; what fails becomes `unavailable`, unless `meaning` gives it one. */
  readonly attempt: <T>(
    call: (arm: ArmClients) => Promise<T>,
    meaning?: (error: unknown) => T | undefined,
  ) => Promise<T>;
}

const openArm = (options: ArmStackDeploymentsOptions): Arm => {
  let opened: Promise<ArmClients> | undefined;
  const calls = (): Promise<ArmClients> => (opened ??= options.clients());
  return {
    calls,
    async attempt(call, meaning) {
      try {
        return await call(await calls());
      } catch (error) {
        const value = meaning?.(error);
        if (value === undefined) throw unavailable(error, options.clock());
        return value;
      }
    },
  };
};

const refusedBy = (error: unknown) =>
  isRefusal(error) ? { state: "refused" as const, reason: reasonOf(error) } : undefined;

const makeFind =
  ({ attempt }: Arm) =>
  async (instanceId: string): Promise<Answered<DeploymentExtended> | undefined> => {
    const found = await attempt<Answered<DeploymentExtended> | "missing">(
      (arm) => arm.get(deploymentNameOf(instanceId), bounded()),
      (error) => (statusOf(error) === 404 ? "missing" : undefined),
    );
    return found === "missing" ? undefined : found;
  };

/** Why a deployment failed: the innermost words of its error, or of the first of its operations that failed. */
const makeReason =
  ({ attempt }: Arm) =>
  async (instanceId: string, { properties }: DeploymentExtended): Promise<string> => {
    const own = innermostReason(properties?.error);
    const ended = `The deployment ended ${properties?.provisioningState ?? "unfinished"}.`;
    if (!isGeneral(own)) return own ?? ended;
    return attempt(
      async (arm) => {
        let seen = 0;
        for await (const operation of arm.operations(deploymentNameOf(instanceId), bounded())) {
          const said = innermostReason(operation.properties?.statusMessage);
          if (operation.properties?.provisioningState === "Failed" && said !== undefined) return said;
          if ((seen += 1) >= operationsMax) break;
        }
        return own ?? ended;
      },
      // The cause is worth a try, not more: the deployment has failed whatever the reason.
      () => own ?? ended,
    );
  };

const makeRemove = ({ attempt }: Arm, find: ReturnType<typeof makeFind>) => {
  const ignoreAnswer = (error: unknown): string | undefined => {
    const status = statusOf(error);
    const reason = reasonOf(error);
    // 404: gone meanwhile. 409, or a 400 such as NicInUse: something is at it, or depends on it; the next pass finds out.
    if (status === 404) return "";
    return status === 409 || (status === 400 && /^\w*InUse/.test(reason)) ? reason : undefined;
  };
  const ask = (call: (arm: ArmClients) => Promise<void>): Promise<string> =>
    attempt(async (arm) => {
      await call(arm);
      return "";
    }, ignoreAnswer);
  const removing = (reasons: readonly string[]): RemovalState => ({
    state: "removing",
    retryAfterSeconds: removalPollSeconds,
    reason: reasons.find((reason) => reason !== "") ?? null,
  });

  return async (instanceId: string): Promise<RemovalState> => {
    const name = deploymentNameOf(instanceId);
    const found = await find(instanceId);
    // First of all it must make nothing new: a list of what is there would be out of date at once.
    if (found !== undefined && !isOver(found.body)) return removing([await ask((arm) => arm.cancel(name, bounded()))]);
    const filter = `tagName eq '${instanceTag}' and tagValue eq '${instanceId}'`;
    const left = await attempt(async (arm) => {
      const listed: ListedResource[] = [];
      for await (const resource of arm.list(filter, bounded())) listed.push(resource);
      return listed;
    });
    if (left.length > 0) {
      const reasons: string[] = [];
      for (const { id, type = "" } of left) {
        if (id !== undefined) reasons.push(await ask((arm) => arm.remove(id, apiVersionOf(type), bounded())));
      }
      return removing(reasons);
    }
    return found === undefined ? { state: "gone" } : removing([await ask((arm) => arm.forget(name, bounded()))]);
  };
};

/**
 * Stack instances through Azure Resource Manager deployments (incremental mode, deterministic names). Passwords and keys
 * are secure parameters: ARM neither returns nor keeps them readable.
 */
export const armStackDeployments = (options: ArmStackDeploymentsOptions): StackDeployments => {
  const arm = openArm(options);
  const find = makeFind(arm);
  const reasonFor = makeReason(arm);
  const remove = makeRemove(arm, find);
  return {
    plan: (request) =>
      arm.attempt<DeploymentPlan>(async (calls) => {
        const name = deploymentNameOf(request.instanceId);
        const { properties } = deploymentOf(request, options);
        const whatIfSettings = { resultFormat: "FullResourcePayloads" as const };
        const result = await calls.plan(
          name,
          { properties: { ...properties, whatIfSettings } },
          bounded(planTimeoutMilliseconds),
        );
        const reason = innermostReason(result.error);
        if (reason !== undefined) return { state: "refused", reason };
        return { state: "planned", changes: plannedChanges(result.changes ?? [], instanceTag, request.instanceId) };
      }, refusedBy),
    async begin(request) {
      // An instance begins from nothing, so a deployment that is there, in whatever state, is this attempt's.
      if ((await find(request.instanceId)) !== undefined) return { state: "accepted" };
      return arm.attempt(
        async (calls) => {
          await calls.submit(deploymentNameOf(request.instanceId), deploymentOf(request, options), bounded());
          return { state: "accepted" } as const;
        },
        (error) => {
          const isBegun = statusOf(error) === 409 && reasonOf(error).includes("DeploymentActive");
          // A worker that is gone has begun it a moment ago.
          return isBegun ? { state: "accepted" } : refusedBy(error);
        },
      );
    },
    async check(instanceId) {
      const found = await find(instanceId);
      if (found === undefined) return { state: "missing" };
      switch (found.body.properties?.provisioningState) {
        case "Succeeded":
          return succeeded(found.body.properties);
        case "Failed":
        case "Canceled":
          return { state: "failed", reason: await reasonFor(instanceId, found.body) };
        default: {
          const wished = retryAfterSecondsOf(found.retryAfter, options.clock());
          return { state: "running", retryAfterSeconds: wished ?? pollAfterSeconds };
        }
      }
    },
    remove,
  };
};
