import type { ResourceManagementClient } from "@azure/arm-resources";
import type {
  Deployment,
  DeploymentExtended,
  DeploymentOperation,
  DeploymentsClient,
  DeploymentWhatIf,
  WhatIfOperationResult,
} from "@azure/arm-resourcesdeployments";
import type { TokenCredential } from "@azure/identity";
import { ForeignAnswer } from "./arm-error.ts";

export interface ArmAddress {
  readonly subscriptionId: string;
  readonly credential: TokenCredential;
  /** A resource manager on this machine, over plain HTTP; absent means Azure's. */
  readonly localEndpoint?: string;
}

interface CallOptions {
  readonly abortSignal: AbortSignal;
}

/** What ARM answered besides the body. */
export interface Answered<T> {
  readonly body: T;
  readonly retryAfter: string | undefined;
}

/** A resource as the list tells of it. */
export interface ListedResource {
  readonly id?: string;
  readonly type?: string;
}

/**
 * The management calls in use, of one resource group. Long-running calls answer once they are accepted (`plan` waits for
 * its result); every call throws what the SDK throws.
 */
export interface ArmClients {
  plan(name: string, deployment: DeploymentWhatIf, options: CallOptions): Promise<WhatIfOperationResult>;
  submit(name: string, deployment: Deployment, options: CallOptions): Promise<void>;
  get(name: string, options: CallOptions): Promise<Answered<DeploymentExtended>>;
  operations(name: string, options: CallOptions): AsyncIterable<DeploymentOperation>;
  cancel(name: string, options: CallOptions): Promise<void>;
  forget(name: string, options: CallOptions): Promise<void>;
  list(filter: string, options: CallOptions): AsyncIterable<ListedResource>;
  remove(resourceId: string, apiVersion: string, options: CallOptions): Promise<void>;
}

type Pipeline = DeploymentsClient["pipeline"];

/** The SDK refuses to send a token over plain HTTP, rightly; on this machine's loopback we send it ourselves. */
const sendTokenOverLoopback = (pipeline: Pipeline, credential: TokenCredential): void => {
  pipeline.removePolicy({ name: "bearerTokenAuthenticationPolicy" });
  pipeline.addPolicy(
    {
      name: "loopbackBearerPolicy",
      async sendRequest(request, next) {
        const token = await credential.getToken([]);
        request.headers.set("authorization", `Bearer ${token?.token ?? ""}`);
        request.allowInsecureConnection = true;
        return next(request);
      },
    },
    { phase: "Sign" },
  );
};

/** A proxy's page with status 200 would read as an empty list, and an empty list means that everything is gone. */
const refuseForeignAnswers = (pipeline: Pipeline): void => {
  pipeline.addPolicy(
    {
      name: "jsonAnswersPolicy",
      async sendRequest(request, next) {
        const response = await next(request);
        const isForeign = !/\bjson\b/i.test(response.headers.get("content-type") ?? "");
        if (isForeign && response.status < 300 && (response.bodyAsText ?? "") !== "") {
          throw new ForeignAnswer(response.status);
        }
        return response;
      },
    },
    { phase: "Sign" },
  );
};

const callsOf = (
  { deployments, deploymentOperations }: Pick<DeploymentsClient, "deployments" | "deploymentOperations">,
  { resources }: Pick<ResourceManagementClient, "resources">,
  group: string,
): ArmClients => ({
  plan: async (name, deployment, options) => deployments.whatIf(group, name, deployment, options),
  async submit(name, deployment, options) {
    await deployments.createOrUpdate(group, name, deployment, options).submitted();
  },
  async get(name, options) {
    let retryAfter: string | undefined;
    const onResponse = (raw: { headers: { get(header: string): string | undefined } }): void => {
      retryAfter = raw.headers.get("retry-after");
    };
    return { body: await deployments.get(group, name, { ...options, onResponse }), retryAfter };
  },
  operations: (name, options) => deploymentOperations.list(group, name, options),
  cancel: (name, options) => deployments.cancel(group, name, options),
  async forget(name, options) {
    await deployments.delete(group, name, options).submitted();
  },
  list: (filter, options) => resources.listByResourceGroup(group, { filter, ...options }),
  async remove(resourceId, apiVersion, options) {
    await resources.beginDeleteById(resourceId, apiVersion, options);
  },
});

/** Opens the clients; their SDKs are loaded here, because only provisioning needs them. */
export const openArmClients = async (
  { subscriptionId, credential, localEndpoint }: ArmAddress,
  resourceGroup: string,
): Promise<ArmClients> => {
  const [{ ResourceManagementClient }, { DeploymentsClient }] = await Promise.all([
    import("@azure/arm-resources"),
    import("@azure/arm-resourcesdeployments"),
  ]);
  // No retries inside the SDK: it sleeps where a workflow's timer can wait, and keeps the wished moment to itself.
  const options = {
    retryOptions: { maxRetries: 0 },
    ...(localEndpoint === undefined ? {} : { endpoint: localEndpoint }),
  };
  const deploymentsClient = new DeploymentsClient(credential, subscriptionId, options);
  const resourcesClient = new ResourceManagementClient(credential, subscriptionId, options);
  for (const { pipeline } of [deploymentsClient, resourcesClient]) {
    refuseForeignAnswers(pipeline);
    if (localEndpoint !== undefined) sendTokenOverLoopback(pipeline, credential);
  }
  return callsOf(deploymentsClient, resourcesClient, resourceGroup);
};
