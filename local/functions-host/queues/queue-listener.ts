import { setTimeout as pause } from "node:timers/promises";
import type { DequeuedMessageItem, QueueClient } from "@azure/storage-queue";
import { describeError } from "../core/log.ts";
import type { RpcTypedData } from "../core/rpc.ts";
import type { QueueSettings } from "../settings/host-settings.ts";
import { decodeMessage, messageMetadata } from "./queue-message.ts";

export interface QueueListenerOptions {
  readonly functionName: string;
  readonly queue: QueueClient;
  readonly poisonQueue: QueueClient;
  readonly settings: QueueSettings;
  /** How long a message stays hidden when the host dies while working on it; renewed while the function runs. */
  readonly leaseSeconds: number;
  readonly run: (text: string, metadata: Record<string, RpcTypedData>) => Promise<unknown>;
  readonly log: (message: string) => void;
}

const shortestPollMilliseconds = 100;
const keepForever = -1;

/**
 * Feeds one queue to one function: in batches, at least once, and to `<queue>-poison` after the last attempt.
 * Source: azure-webjobs-sdk QueueListener.cs, QueueProcessor.cs.
 */
export class QueueListener {
  readonly #options: QueueListenerOptions;
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(options: QueueListenerOptions) {
    this.#options = options;
  }

  /** @throws when the queue cannot be created */
  async start(): Promise<void> {
    await this.#options.queue.createIfNotExists();
    this.#loop = this.#poll();
  }

  /** Takes no more messages; resolves when those already taken are done with. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await Promise.all(this.#running);
  }

  async #poll(): Promise<void> {
    const { newBatchThreshold, maxPollingIntervalMilliseconds } = this.#options.settings;
    let wait = shortestPollMilliseconds;
    while (!this.#stop.signal.aborted) {
      while (this.#running.size > newBatchThreshold) await Promise.race(this.#running);
      const messages = await this.#receive();
      for (const message of messages) this.#begin(message);
      wait = messages.length > 0 ? shortestPollMilliseconds : Math.min(wait * 2, maxPollingIntervalMilliseconds);
      if (messages.length === 0) await this.#rest(wait);
    }
  }

  async #rest(milliseconds: number): Promise<void> {
    try {
      await pause(milliseconds, undefined, { signal: this.#stop.signal });
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    }
  }

  /** Nothing when the storage does not answer: it is asked again later. */
  async #receive(): Promise<readonly DequeuedMessageItem[]> {
    const { queue, settings, leaseSeconds, log } = this.#options;
    try {
      const options = { numberOfMessages: settings.batchSize, visibilityTimeout: leaseSeconds };
      return (await queue.receiveMessages(options)).receivedMessageItems;
    } catch (error) {
      log(`Queue '${queue.name}' cannot be read: ${describeError(error)}`);
      return [];
    }
  }

  #begin(message: DequeuedMessageItem): void {
    const { queue, log } = this.#options;
    const work = this.#process(message).catch((error: unknown) => {
      // The message is still in the queue and comes back when its lease ends.
      log(`Message ${message.messageId} of queue '${queue.name}' was not settled: ${describeError(error)}`);
    });
    this.#running.add(work);
    void work.then(() => this.#running.delete(work));
  }

  async #process(message: DequeuedMessageItem): Promise<void> {
    const { queue, settings, functionName, run, log } = this.#options;
    const lease = new MessageLease(queue, message, this.#options);
    const text = decodeMessage(message.messageText, settings.messageEncoding);
    if (text === undefined || message.dequeueCount > settings.maxDequeueCount) {
      await this.#poison(message, lease);
      return;
    }
    lease.keep();
    try {
      await run(text, messageMetadata(message, text));
    } catch (error) {
      log(`Executed '${functionName}' (Failed): ${describeError(error)}`);
      await lease.release();
      if (message.dequeueCount >= settings.maxDequeueCount) await this.#poison(message, lease);
      else await lease.giveBack(settings.visibilityTimeoutMilliseconds);
      return;
    }
    await lease.release();
    await lease.remove();
  }

  async #poison(message: DequeuedMessageItem, lease: MessageLease): Promise<void> {
    const { poisonQueue, settings, log } = this.#options;
    await poisonQueue.createIfNotExists();
    await poisonQueue.sendMessage(message.messageText, { messageTimeToLive: keepForever });
    await lease.remove();
    log(
      `Message ${message.messageId} has reached ${settings.maxDequeueCount} attempts or is no ${settings.messageEncoding} text; moved to '${poisonQueue.name}'.`,
    );
  }
}

/** The right to settle one message. Each renewal changes the receipt, so there is one holder of the latest. */
class MessageLease {
  readonly #queue: QueueClient;
  readonly #messageId: string;
  readonly #options: QueueListenerOptions;
  #receipt: string;
  #renewal: NodeJS.Timeout | undefined;
  #renewing: Promise<void> = Promise.resolve();

  constructor(queue: QueueClient, message: DequeuedMessageItem, options: QueueListenerOptions) {
    this.#queue = queue;
    this.#messageId = message.messageId;
    this.#receipt = message.popReceipt;
    this.#options = options;
  }

  /** Renews at half time until released. */
  keep(): void {
    const renew = (): void => {
      this.#renewing = this.#extend(this.#options.leaseSeconds).catch((error: unknown) => {
        this.#options.log(`The lease of message ${this.#messageId} was not renewed: ${describeError(error)}`);
      });
    };
    this.#renewal = setInterval(renew, this.#options.leaseSeconds * 500);
  }

  /** No more renewals; a renewal under way is waited for, as it changes the receipt. */
  async release(): Promise<void> {
    clearInterval(this.#renewal);
    await this.#renewing;
  }

  async remove(): Promise<void> {
    await this.#queue.deleteMessage(this.#messageId, this.#receipt);
  }

  /** Lets the message be seen again after `milliseconds`. */
  async giveBack(milliseconds: number): Promise<void> {
    await this.#extend(Math.round(milliseconds / 1000));
  }

  async #extend(seconds: number): Promise<void> {
    const { popReceipt } = await this.#queue.updateMessage(this.#messageId, this.#receipt, undefined, seconds);
    if (popReceipt !== undefined) this.#receipt = popReceipt;
  }
}
