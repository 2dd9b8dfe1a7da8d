import type { OrchestrationContext, Task } from "durable-functions";

/** What an orchestration did: its result, the activities it called in order, and the time it waited in timers. */
export interface Driven<R> {
  readonly result: R;
  readonly calls: readonly string[];
  readonly elapsedSeconds: number;
}

interface ScriptedTask {
  readonly name?: string;
  readonly input?: unknown;
  readonly at?: Date;
}

const stepsMax = 10_000;

/** Runs an orchestrator against scripted activities; timers fire at once. An answer that throws is a failed activity. */
export const drive = <R>(
  orchestrator: (context: OrchestrationContext) => Generator<Task, R, unknown>,
  input: unknown,
  answers: Readonly<Record<string, (input: unknown) => unknown>>,
): Driven<R> => {
  const start = Date.UTC(2026, 0, 1);
  let now = start;
  const calls: string[] = [];
  const call = (name: string, value: unknown): ScriptedTask => ({ name, input: value });
  const df = {
    getInput: () => input,
    get currentUtcDateTime() {
      return new Date(now);
    },
    callActivity: call,
    callActivityWithRetry: (name: string, _retry: unknown, value: unknown) => call(name, value),
    createTimer: (at: Date): ScriptedTask => ({ at }),
  };
  // Only the members above are used by orchestrators that this helper drives.
  const run = orchestrator({ df } as unknown as OrchestrationContext);
  let step = run.next();
  for (let count = 0; step.done !== true; count += 1) {
    if (count > stepsMax) throw new Error("The orchestration does not end.");
    const task = step.value as unknown as ScriptedTask;
    if (task.at !== undefined) {
      now = task.at.getTime();
      step = run.next(undefined);
      continue;
    }
    const name = task.name ?? "";
    calls.push(name);
    const answer = answers[name];
    if (answer === undefined) throw new Error(`No answer is scripted for ${name}.`);
    try {
      step = run.next(answer(task.input));
    } catch (error) {
      step = run.throw(error);
    }
  }
  return { result: step.value, calls, elapsedSeconds: (now - start) / 1000 };
};
