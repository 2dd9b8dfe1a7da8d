import type { TokenCredential } from "@azure/identity";
import type { QueueClient } from "@azure/storage-queue";
import type { EventQueue } from "../../events/ports.ts";
import { gatherSends } from "./gather-sends.ts";

/** A storage account: by its queue service's URL and an identity, or (an emulator) by a connection string. */
export type QueueAccount =
  { readonly url: string; readonly credential: TokenCredential } | { readonly connectionString: string };

/** A message's retry is bounded: whoever sends it has stored its event, and it is sent again later. */
const retryOptions = { maxTries: 2, tryTimeoutInMs: 3_000, retryDelayInMs: 100, maxRetryDelayInMs: 500 };
const limits = { sizeMax: 64, pauseMilliseconds: 5 };
const keepForever = -1;

const openQueue = async (account: QueueAccount, name: string): Promise<QueueClient> => {
  const { QueueServiceClient } = await import("@azure/storage-queue");
  const service =
    "url" in account
      ? new QueueServiceClient(account.url, account.credential, { retryOptions })
      : QueueServiceClient.fromConnectionString(account.connectionString, { retryOptions });
  const queue = service.getQueueClient(name);
  await queue.createIfNotExists();
  return queue;
};

/** Messages in the form the Functions host reads by default: base64. The SDK is loaded, and the queue made, when needed. */
export const storageEventQueue = (account: QueueAccount, name: string): EventQueue => {
  let opened: Promise<QueueClient> | undefined;
  const open = async (): Promise<QueueClient> => {
    opened ??= openQueue(account, name);
    try {
      return await opened;
    } catch (error) {
      opened = undefined;
      throw error;
    }
  };
  const send = gatherSends(limits, async (ids) => {
    const queue = await open();
    const text = Buffer.from(JSON.stringify(ids)).toString("base64");
    try {
      await queue.sendMessage(text, { messageTimeToLive: keepForever });
    } catch (error) {
      // The queue may have been removed: it is made again with the next message.
      opened = undefined;
      throw error;
    }
  });
  return { send };
};
