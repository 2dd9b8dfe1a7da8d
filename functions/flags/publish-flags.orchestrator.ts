import type { OrchestrationContext, Task } from "durable-functions";
import { RetryOptions } from "durable-functions";
import type { ApplyOutcome } from "../../shared/flags/apply-flags.ts";
import { publishFlagsActivity as activity } from "./publish-flags.names.ts";

/** For trouble inside the control plane; an instance that does not do what it is asked is an answer. */
const retry = new RetryOptions(2_000, 3);
retry.backoffCoefficient = 2;

/** Then it is left to the timer, which asks for as long as the instance is in service. */
const pausesSeconds = [1, 2, 4, 8];

const unfinished: readonly unknown[] = ["failed", "busy"] satisfies readonly ApplyOutcome[];

export interface PublishFlagsWork {
  readonly instanceIds: readonly string[];
}

const outcomesOf = (answer: unknown): readonly unknown[] => (Array.isArray(answer) ? answer : []);

/**
 * Brings the newest flags to these instances, all at once; nobody waits for one that is away. Answers those that are left
 * over: what is wrong with them is kept with their rollouts.
 */
export function* publishFlags(context: OrchestrationContext): Generator<Task, readonly string[], unknown> {
  let left = context.df.getInput<PublishFlagsWork>().instanceIds;
  for (let round = 0; ; round += 1) {
    const applied = left.map((instanceId) => context.df.callActivityWithRetry(activity.apply, retry, { instanceId }));
    const outcomes = outcomesOf(yield context.df.Task.all(applied));
    left = left.filter((_, index) => unfinished.includes(outcomes[index]));
    const pauseSeconds = pausesSeconds[round];
    if (left.length === 0 || pauseSeconds === undefined) return left;
    const until = new Date(context.df.currentUtcDateTime.getTime() + pauseSeconds * 1000);
    yield context.df.createTimer(until);
  }
}
