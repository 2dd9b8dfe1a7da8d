import type { InvocationContext } from "@azure/functions";

/** One reader of a storage queue, as data: registered by main.ts. A run that throws has its message brought again. */
export interface QueueWorker {
  readonly name: string;
  readonly queue: string;
  readonly run: (message: unknown, context: InvocationContext) => Promise<void>;
}
