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
  const endpoint = localEndpoint === undefined ? {} : { endpoint: localEndpoint };
  const deploymentsClient = new DeploymentsClient(credential, subscriptionId, endpoint);
  const resourcesClient = new ResourceManagementClient(credential, subscriptionId, endpoint);
  if (localEndpoint !== undefined) {
    for (const { pipeline } of [deploymentsClient, resourcesClient]) sendTokenOverLoopback(pipeline, credential);
  }
  return { deployments: deploymentsClient.deployments, resources: resourcesClient.resources };
};
