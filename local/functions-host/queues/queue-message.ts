import type { DequeuedMessageItem } from "@azure/storage-queue";
import type { RpcTypedData } from "../core/rpc.ts";

/** The text of a message. @returns undefined when it is not what the app's host.json says messages are */
export const decodeMessage = (text: string, encoding: "base64" | "none"): string | undefined => {
  if (encoding === "none") return text;
  const isBase64 = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  return isBase64 ? Buffer.from(text, "base64").toString("utf8") : undefined;
};

const jsonText = (value: string | number | Date): RpcTypedData => ({ json: JSON.stringify(value) });

/** What the function can read of a message beside its text, under the names of the real host. */
export const messageMetadata = (message: DequeuedMessageItem, text: string): Record<string, RpcTypedData> => ({
  QueueTrigger: { string: text },
  Id: jsonText(message.messageId),
  DequeueCount: jsonText(message.dequeueCount),
  PopReceipt: jsonText(message.popReceipt),
  InsertionTime: jsonText(message.insertedOn),
  ExpirationTime: jsonText(message.expiresOn),
  NextVisibleTime: jsonText(message.nextVisibleOn),
});
