import { isDeepStrictEqual } from "node:util";
import type { OrchestrationContext, Task } from "durable-functions";

type Orchestrator = (context: OrchestrationContext) => Generator<Task, unknown, unknown>;

/** What a task hub keeps of a workflow. Secrets must never be found in it. */
interface Entry {
  readonly task: unknown;
  readonly at: number;
  readonly result?: unknown;
  readonly error?: string;
}

interface Workflow {
  readonly name: string;
  input: unknown;
  startedAt: number;
  history: Entry[];
  readonly events: string[];
  isOver: boolean;
  output?: unknown;
}

/** The members of `RetryOptions` that are used. */
interface Retry {
  readonly firstRetryIntervalInMilliseconds: number;
  readonly maxNumberOfAttempts: number;
  readonly backoffCoefficient?: number;
  readonly maxRetryIntervalInMilliseconds?: number;
}

interface ModelTask {
  readonly kind: "activity" | "timer" | "event" | "any" | "all";
  readonly name?: string;
  readonly input?: unknown;
  readonly retry?: Retry;
  readonly at?: number;
  readonly children?: readonly ModelTask[];
  readonly cancel?: () => void;
}

export interface HubModelOptions {
  readonly orchestrators: Readonly<Record<string, Orchestrator>>;
  readonly runActivity: (name: string, input: unknown) => Promise<unknown>;
  readonly now: () => number;
  readonly advanceTo: (milliseconds: number) => void | Promise<void>;
  /** Called around every activity and timer; may throw to kill the process before its result is kept. */
  readonly atStep: (moment: "before" | "after") => Promise<void>;
  readonly isDead: () => boolean;
}

const stepsMax = 3000;

const pauseBefore = (attempt: number, retry: Retry): number => {
  const {
    firstRetryIntervalInMilliseconds: first,
    backoffCoefficient = 1,
    maxRetryIntervalInMilliseconds: max,
  } = retry;
  return Math.min(first * backoffCoefficient ** (attempt - 1), max ?? Number.POSITIVE_INFINITY);
};

/**
 * Workflows as Durable runs them: what a task answered is kept, and a process that is started again replays the code from
 * the start over what was kept; code that then asks for something else is found out. Timers take no real time.
 */
export const hubModel = (options: HubModelOptions) => {
  const workflows = new Map<string, Workflow>();
  const { now, advanceTo, atStep, isDead } = options;

  const activity = async ({ name = "", input, retry }: ModelTask): Promise<Pick<Entry, "result" | "error">> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const result = await options.runActivity(name, input);
        if (isDead()) throw new Error("killed");
        return { result: JSON.parse(JSON.stringify(result ?? null)) as unknown };
      } catch (error) {
        if (isDead()) throw error;
        if (retry === undefined || attempt >= retry.maxNumberOfAttempts) return { error: String(error) };
        await advanceTo(now() + pauseBefore(attempt, retry));
      }
    }
  };

  /** The place of the child that wins: an event that is there already, or else the timer, when its time has come. */
  const awaitAny = async ({ children = [] }: ModelTask, { events }: Workflow): Promise<number> => {
    const event = children.findIndex(({ kind, name = "" }) => kind === "event" && events.includes(name));
    if (event >= 0) {
      events.splice(events.indexOf(children[event]?.name ?? ""), 1);
      return event;
    }
    const timer = children.findIndex(({ kind }) => kind === "timer");
    await advanceTo(children[timer]?.at ?? now());
    return timer;
  };

  /** One after the other, which is one of the orders in which they may be done. */
  const awaitAll = async ({ children = [] }: ModelTask): Promise<Pick<Entry, "result" | "error">> => {
    const results: unknown[] = [];
    for (const child of children) {
      const { result, error } = await activity(child);
      if (error !== undefined) return { error };
      results.push(result);
    }
    return { result: results };
  };

  const settle = async (task: ModelTask, workflow: Workflow): Promise<Pick<Entry, "result" | "error">> => {
    if (task.kind === "activity") return activity(task);
    if (task.kind === "all") return awaitAll(task);
    if (task.kind === "timer") {
      await advanceTo(task.at ?? now());
      return {};
    }
    return { result: await awaitAny(task, workflow) };
  };

  const contextOf = (workflow: Workflow, currentTime: () => number, again: (input: unknown) => void) => {
    const df = {
      getInput: () => workflow.input,
      continueAsNew: again,
      get currentUtcDateTime() {
        return new Date(currentTime());
      },
      callActivityWithRetry: (name: string, retry: Retry, value: unknown): ModelTask => ({
        ...{ kind: "activity", name, input: value, retry },
      }),
      createTimer: (at: Date): ModelTask => ({ kind: "timer", at: at.getTime(), cancel: () => undefined }),
      waitForExternalEvent: (name: string): ModelTask => ({ kind: "event", name }),
      Task: {
        any: (children: readonly ModelTask[]): ModelTask => ({ kind: "any", children }),
        all: (children: readonly ModelTask[]): ModelTask => ({ kind: "all", children }),
      },
    };
    // Only the members above are used by the orchestrators that this model runs.
    return { df } as unknown as OrchestrationContext;
  };

  const described = (task: ModelTask): unknown => JSON.parse(JSON.stringify(task));

  const next = (run: Generator<Task, unknown, unknown>, task: ModelTask, { result, error }: Entry) => {
    if (error !== undefined) return run.throw(new Error(error));
    return run.next(task.kind === "any" ? task.children?.[Number(result)] : result);
  };

  const play = async (workflow: Workflow): Promise<void> => {
    const orchestrator = options.orchestrators[workflow.name];
    if (orchestrator === undefined) throw new Error(`There is no orchestrator ${workflow.name}.`);
    let time = workflow.startedAt;
    let following: { readonly input: unknown } | undefined;
    const again = (input: unknown): void => {
      following = { input };
    };
    const run = orchestrator(contextOf(workflow, () => time, again));
    let step = run.next();
    for (let index = 0; step.done !== true; index += 1) {
      if (index > stepsMax) throw new Error("The workflow does not end.");
      const task = step.value as unknown as ModelTask;
      let entry = workflow.history[index];
      if (entry === undefined) {
        await atStep("before");
        const settled = await settle(task, workflow);
        await atStep("after");
        entry = { task: described(task), at: now(), ...settled };
        workflow.history.push(entry);
      } else if (!isDeepStrictEqual(entry.task, described(task))) {
        throw new Error(`Not deterministic: ${JSON.stringify(task)} instead of ${JSON.stringify(entry.task)}.`);
      }
      time = entry.at;
      step = next(run, task, entry);
    }
    if (following !== undefined) {
      // Nothing of the run before is kept.
      Object.assign(workflow, { input: following.input, startedAt: now(), history: [] });
      return;
    }
    workflow.isOver = true;
    workflow.output = step.value;
  };

  return {
    start(name: string, id: string, input: unknown): Promise<void> {
      const existing = workflows.get(id);
      if (existing === undefined || existing.isOver) {
        workflows.set(id, { name, input, startedAt: now(), history: [], events: [], isOver: false });
      }
      return Promise.resolve();
    },
    raise(id: string, event: string): Promise<void> {
      const workflow = workflows.get(id);
      if (workflow !== undefined && !workflow.isOver) workflow.events.push(event);
      return Promise.resolve();
    },
    /** Plays every workflow that has not ended to its end, one after the other. */
    async run(): Promise<void> {
      for (;;) {
        const open = [...workflows.values()].find(({ isOver }) => !isOver);
        if (open === undefined) return;
        await play(open);
      }
    },
    isDead,
    open: () => [...workflows].filter(([, { isOver }]) => !isOver).map(([id]) => id),
    kept: () => JSON.stringify([...workflows]),
    outputs: () => [...workflows.values()].map(({ output }) => output),
  };
};
