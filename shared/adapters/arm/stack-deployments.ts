import type { Deployment, DeploymentExtended } from "@azure/arm-resourcesdeployments";
import type { DeploymentState, StackDeployments } from "../../instances/ports.ts";
import { DomainError } from "../../kernel/errors.ts";
import type { ArmClients } from "./clients.ts";

export interface ArmStackDeploymentsOptions {
  /** Called once, with the first deployment. */
  readonly clients: () => Promise<ArmClients>;
  readonly resourceGroup: string;
  /** The compiled `stack-instance.bicep`; from configuration, never from a request. */
  readonly templateUri: string;
  /** Base of every Stack's public endpoint, without a trailing slash. */
  readonly publicBaseUrl: string;
}

const timeoutMilliseconds = 30_000;
const pollAfterSeconds = 2;
const instanceTag = "kombify-instance";
/** API version used to delete whatever resource types a deployment made; ARM accepts it for generic deletes of ours. */
const resourceApiVersion = "2024-03-01";

/** ARM allows 64 characters of [-\w._()]; derived from the instance, so a repeat is the same deployment. */
const deploymentNameOf = (instanceId: string): string => `kombify-${instanceId}`;

const statusOf = (error: unknown): number | undefined => {
  const status = typeof error === "object" && error !== null && "statusCode" in error ? error.statusCode : undefined;
  return typeof status === "number" ? status : undefined;
};

const unreachable = (error: unknown): DomainError =>
  new DomainError("unavailable", "The resource manager did not accept the request; it is tried again.", {
    cause: error,
  });

const output = (properties: DeploymentExtended["properties"], name: string): string | undefined => {
  const outputs: unknown = properties?.outputs;
  if (typeof outputs !== "object" || outputs === null) return undefined;
  const entry: unknown = Reflect.get(outputs, name);
  const value: unknown = typeof entry === "object" && entry !== null ? Reflect.get(entry, "value") : undefined;
  return typeof value === "string" ? value : undefined;
};

const succeeded = (properties: DeploymentExtended["properties"]): DeploymentState => {
  const internalEndpoint = output(properties, "internalEndpoint");
  const publicEndpoint = output(properties, "publicEndpoint");
  if (internalEndpoint === undefined || publicEndpoint === undefined) {
    return { state: "failed", reason: "The deployment succeeded without naming its endpoints." };
  }
  return { state: "succeeded", internalEndpoint, publicEndpoint, version: output(properties, "version") ?? "unknown" };
};

const failed = (state: string, error: { readonly code?: string; readonly message?: string } = {}): DeploymentState => {
  const reason = [error.code, error.message].filter((part) => part !== undefined).join(": ");
  return { state: "failed", reason: reason === "" ? `The deployment ended ${state}.` : reason };
};

const stateOf = ({ properties }: DeploymentExtended): DeploymentState => {
  switch (properties?.provisioningState) {
    case "Succeeded":
      return succeeded(properties);
    case "Failed":
    case "Canceled":
      return failed(properties.provisioningState, properties.error);
    default:
      return { state: "running", retryAfterSeconds: pollAfterSeconds };
  }
};

type BeginRequest = Parameters<StackDeployments["begin"]>[0];

const deploymentOf = (request: BeginRequest, options: ArmStackDeploymentsOptions): Deployment => ({
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
      tags: { value: { [instanceTag]: request.instanceId } },
    },
  },
});

/**
 * Stack instances through Azure Resource Manager deployments (incremental mode, deterministic names). The superuser's
 * password is a secure parameter: ARM neither returns nor keeps it readable.
 */
export const armStackDeployments = (options: ArmStackDeploymentsOptions): StackDeployments => {
  const { resourceGroup } = options;
  let opened: Promise<ArmClients> | undefined;
  const open = (): Promise<ArmClients> => (opened ??= options.clients());
  const bounded = () => ({ abortSignal: AbortSignal.timeout(timeoutMilliseconds) });

  const find = async (instanceId: string): Promise<DeploymentExtended | undefined> => {
    try {
      return await (await open()).deployments.get(resourceGroup, deploymentNameOf(instanceId), bounded());
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw unreachable(error);
    }
  };

  const submit = async (instanceId: string, deployment: Deployment): Promise<void> => {
    try {
      const { deployments } = await open();
      await deployments.createOrUpdate(resourceGroup, deploymentNameOf(instanceId), deployment, bounded()).submitted();
    } catch (error) {
      // 409: the same deployment was begun a moment ago by a worker that is gone.
      if (statusOf(error) !== 409) throw unreachable(error);
    }
  };

  return {
    async begin(request) {
      const found = await find(request.instanceId);
      if (found !== undefined && stateOf(found).state === "running") return;
      await submit(request.instanceId, deploymentOf(request, options));
    },
    async check(instanceId) {
      const found = await find(instanceId);
      return found === undefined ? { state: "failed", reason: "The deployment is gone." } : stateOf(found);
    },
    async remove(instanceId) {
      const filter = `tagName eq '${instanceTag}' and tagValue eq '${instanceId}'`;
      try {
        const { resources } = await open();
        for await (const { id } of resources.listByResourceGroup(resourceGroup, { filter })) {
          if (id !== undefined) await resources.beginDeleteById(id, resourceApiVersion, bounded());
        }
      } catch (error) {
        throw unreachable(error);
      }
    },
  };
};
