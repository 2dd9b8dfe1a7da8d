import type { ResourceManagementClient } from "@azure/arm-resources";
import type { DeploymentsClient } from "@azure/arm-resourcesdeployments";
import type { TokenCredential } from "@azure/identity";

export interface ArmAddress {
  readonly subscriptionId: string;
  readonly credential: TokenCredential;
  /** A resource manager on this machine, over plain HTTP; absent means Azure's. */
  readonly localEndpoint?: string;
}

/** The two management clients in use. Narrowed to what is called, so that the rest of the SDK stays out of sight. */
export interface ArmClients {
  readonly deployments: Pick<DeploymentsClient["deployments"], "createOrUpdate" | "get">;
  readonly resources: Pick<ResourceManagementClient["resources"], "listByResourceGroup" | "beginDeleteById">;
}

/** Opens the clients; their SDKs are loaded here, because only provisioning needs them. */
export const openArmClients = async ({
  subscriptionId,
  credential,
  localEndpoint,
}: ArmAddress): Promise<ArmClients> => {
  const [{ ResourceManagementClient }, { DeploymentsClient }] = await Promise.all([
    import("@azure/arm-resources"),
    import("@azure/arm-resourcesdeployments"),
  ]);
  const endpoint = localEndpoint === undefined ? {} : { endpoint: localEndpoint, allowInsecureConnection: true };
  return {
    deployments: new DeploymentsClient(credential, subscriptionId, endpoint).deployments,
    resources: new ResourceManagementClient(credential, subscriptionId, endpoint).resources,
  };
};
