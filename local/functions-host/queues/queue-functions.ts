import { QueueServiceClient } from "@azure/storage-queue";
import { textOption, triggerBinding } from "../core/bindings.ts";
import type { FunctionInvoker, RegisteredFunction } from "../core/rpc.ts";
import { type Environment, resolvePercentNames } from "../settings/environment.ts";
import type { QueueSettings } from "../settings/host-settings.ts";
import { QueueListener } from "./queue-listener.ts";

export interface QueueFunctionsOptions {
  readonly environment: Environment;
  readonly invoker: FunctionInvoker;
  readonly settings: QueueSettings;
  readonly leaseSeconds: number;
  readonly log: (message: string) => void;
}

/** A queue function, ready to be started. */
export interface QueueFunction {
  readonly listener: QueueListener;
  readonly runByHand: (input: string | undefined) => Promise<unknown>;
}

const retryOptions = { maxTries: 3, tryTimeoutInMs: 10_000, retryDelayInMs: 200, maxRetryDelayInMs: 2000 };

/** The setting `AzureWebJobs<connection>` or `<connection>`. The value is a secret. */
const connectionString = (connection: string, environment: Environment): string => {
  const value = environment[`AzureWebJobs${connection}`] ?? environment[connection];
  if (value === undefined || value === "") throw new Error(`The connection setting '${connection}' does not exist.`);
  return value;
};

/** @throws when the queue's name or connection names a setting that is missing */
export const queueFunction = (registered: RegisteredFunction, options: QueueFunctionsOptions): QueueFunction => {
  const { environment, invoker, settings, leaseSeconds, log } = options;
  const { name: bindingName, info } = triggerBinding(registered);
  const queueName = resolvePercentNames(textOption(info, "queueName") ?? "", environment).toLowerCase();
  if (queueName === "") throw new Error("The queue trigger has no queueName.");
  const connection = resolvePercentNames(textOption(info, "connection") ?? "AzureWebJobsStorage", environment);
  const service = QueueServiceClient.fromConnectionString(connectionString(connection, environment), { retryOptions });
  const listener = new QueueListener({
    functionName: registered.name,
    queue: service.getQueueClient(queueName),
    poisonQueue: service.getQueueClient(`${queueName}-poison`),
    settings,
    leaseSeconds,
    run: (text, metadata) => invoker.invoke(registered.name, { [bindingName]: { string: text } }, metadata),
    log,
  });
  return {
    listener,
    runByHand: (input = "") => invoker.invoke(registered.name, { [bindingName]: { string: input } }),
  };
};
