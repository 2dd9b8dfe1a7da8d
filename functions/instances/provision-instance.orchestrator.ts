import type { OrchestrationContext, Task } from "durable-functions";
import { RetryOptions } from "durable-functions";
import type { InstanceWork } from "../../shared/instances/instance-work.ts";
import type { NextMove, StepOutcome, StepProgress, WorkStep } from "../../shared/instances/provisioning-rules.ts";
import { afterAnswer, afterStep } from "../../shared/instances/provisioning-rules.ts";
import { activity, wakeEvent } from "./provision-instance.names.ts";

/** For trouble inside the control plane; trouble outside of it is an answer, and `afterStep` chooses the next moment. */
const retry = new RetryOptions(2_000, 6);
retry.backoffCoefficient = 2;
retry.maxRetryIntervalInMilliseconds = 30_000;

type Run<R> = Generator<Task, R, unknown>;
type Ending = Exclude<NextMove, { do: "wait" }>;

const millisecondsPerSecond = 1000;
const now = ({ df }: OrchestrationContext): number => df.currentUtcDateTime.getTime();

/** Waits, or less if somebody has news. The timer that lost is cancelled: an open one would keep the workflow running. */
function* pause(context: OrchestrationContext, seconds: number): Run<void> {
  const timer = context.df.createTimer(new Date(now(context) + seconds * millisecondsPerSecond));
  const news = context.df.waitForExternalEvent(wakeEvent);
  const first = yield context.df.Task.any([timer, news]);
  if (first !== timer) timer.cancel();
}

/** Repeats one step until it is done, fails, or its time is over. */
function* runStep(context: OrchestrationContext, step: WorkStep, work: InstanceWork): Run<Ending> {
  const startedAt = now(context);
  let progress: StepProgress = { elapsedSeconds: 0, waits: 0, troubles: 0 };
  for (;;) {
    const outcome = (yield context.df.callActivityWithRetry(activity[step], retry, work)) as StepOutcome;
    const elapsedSeconds = (now(context) - startedAt) / millisecondsPerSecond;
    const next = afterStep(step, outcome, { ...progress, elapsedSeconds });
    if (next.do !== "wait") return next;
    yield* pause(context, next.seconds);
    progress = afterAnswer(progress, outcome, elapsedSeconds);
  }
}

const forwardSteps = ["check", "deploy", "await", "prepare", "activate"] as const satisfies readonly WorkStep[];

function* goForward(context: OrchestrationContext, work: InstanceWork): Run<Ending> {
  try {
    for (const step of forwardSteps) {
      const ending = yield* runStep(context, step, work);
      if (ending.do !== "go-on") return ending;
    }
    return { do: "go-on" };
  } catch {
    // The activity's retries are used up; what it threw is in the log and in the history, and not for people to read.
    return { do: "undo", reason: "A step of the control plane failed repeatedly." };
  }
}

/** `removing`: not done in this run's time; the reconciler starts the workflow again until nothing is left. */
function* remove(context: OrchestrationContext, work: InstanceWork): Run<"removed" | "removing" | "superseded"> {
  const ending = yield* runStep(context, "remove", work);
  if (ending.do === "go-on") return "removed";
  return ending.do === "leave" ? "superseded" : "removing";
}

/**
 * Deploys one Stack instance, readies it and puts it into service, then places who waited for it. Replayed: no clock, no
 * I/O, no chance here. What fails, or is cancelled, is undone in reverse order; the cause is kept. Started anew at any
 * moment it takes up the same work, because every step looks at the documents first.
 */
export function* provisionInstance(
  context: OrchestrationContext,
): Run<"active" | "removed" | "removing" | "superseded"> {
  const work = context.df.getInput<InstanceWork>();
  const ending = yield* goForward(context, work);
  if (ending.do === "leave") return "superseded";
  if (ending.do === "undo") {
    const { reason } = ending;
    yield context.df.callActivityWithRetry(activity.undo, retry, { ...work, reason });
    return yield* remove(context, work);
  }
  yield context.df.callActivityWithRetry(activity.placeWaiting, retry, work);
  return "active";
}

/** Removes an instance that is being retired. */
export function* retireInstance(context: OrchestrationContext): Run<"removed" | "removing" | "superseded"> {
  return yield* remove(context, context.df.getInput<InstanceWork>());
}
