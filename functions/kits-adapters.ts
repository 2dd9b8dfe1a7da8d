import { azureCredential } from "../shared/adapters/arm/credentials.ts";
import { blobKitStorage } from "../shared/adapters/blob/kit-storage.ts";
import type { KitStorage } from "../shared/stackkits/ports.ts";
import type { Settings } from "./config.ts";

const container = "stackkits";

/** The container of kits, in the same storage account as the queues: one account, one identity, one setting. */
export const openKitStorage = (settings: Settings): KitStorage => {
  const { QUEUE_SERVICE_URL: queueUrl, AzureWebJobsStorage: connectionString } = settings;
  if (queueUrl !== undefined) {
    const credential = azureCredential(settings.AZURE_MANAGED_IDENTITY_CLIENT_ID);
    const url = queueUrl.replace(".queue.", ".blob.");
    return blobKitStorage({ account: { url, credential }, container, isContainerMade: false });
  }
  if (connectionString === undefined) throw new Error("No storage account is named.");
  return blobKitStorage({ account: { connectionString }, container, isContainerMade: true });
};
