import type { OrchestrationContext, Task } from "durable-functions";
import { RetryOptions } from "durable-functions";
import type { DeploymentState } from "../../shared/instances/ports.ts";
import { afterPrepare, pollDelaySeconds } from "../../shared/instances/provisioning-rules.ts";
import { activity } from "./provision-instance.names.ts";

interface Input {
  readonly instanceId: string;
}

const retry = new RetryOptions(2_000, 6);
retry.backoffCoefficient = 2;
retry.maxRetryIntervalInMilliseconds = 30_000;

const deploymentPollsMax = 1_200;

function* pause(context: OrchestrationContext, seconds: number): Generator<Task, void, unknown> {
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000));
}

/** Undefined once deployed; otherwise why not. */
function* deploy(context: OrchestrationContext, input: Input): Generator<Task, string | undefined, unknown> {
  yield context.df.callActivityWithRetry(activity.begin, retry, input);
  for (let poll = 1; poll <= deploymentPollsMax; poll += 1) {
    const found = (yield context.df.callActivityWithRetry(activity.check, retry, input)) as DeploymentState;
    if (found.state === "succeeded") return undefined;
    if (found.state === "failed") return found.reason;
    yield* pause(context, pollDelaySeconds(found.retryAfterSeconds));
  }
  return "The deployment did not end.";
}

function* makeReady(context: OrchestrationContext, input: Input): Generator<Task, string | undefined, unknown> {
  for (let attempt = 1; ; attempt += 1) {
    const isPrepared = (yield context.df.callActivityWithRetry(activity.prepare, retry, input)) as boolean;
    const next = afterPrepare(isPrepared, attempt);
    if (next.do === "activate") return undefined;
    if (next.do === "give-up") return "The instance was deployed but never became ready.";
    yield* pause(context, next.seconds);
  }
}

function* attempt(context: OrchestrationContext, input: Input): Generator<Task, string | undefined, unknown> {
  try {
    return (yield* deploy(context, input)) ?? (yield* makeReady(context, input));
  } catch (error) {
    // An activity's error arrives as text. Its retries are used up, so it is the reason of the failure.
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Deploys one Stack instance, readies it and puts it into service, then places who waited for it. Replayed: no clock, no
 * I/O, no chance here. A failure is compensated: what was deployed is removed, the cause is kept.
 */
export function* provisionInstance(context: OrchestrationContext): Generator<Task, "active" | "failed", unknown> {
  const input = context.df.getInput<Input>();
  const failure = yield* attempt(context, input);
  if (failure !== undefined) {
    yield context.df.callActivityWithRetry(activity.fail, retry, { ...input, reason: failure });
    return "failed";
  }
  yield context.df.callActivityWithRetry(activity.activate, retry, input);
  yield context.df.callActivityWithRetry(activity.placeWaiting, retry, input);
  return "active";
}
