import type { Decision } from "../engine/orchestration-protocol.ts";
import type { HistoryEvent } from "../history/history-event.ts";
import { Future } from "./future.ts";
import type { Action, RetryOptions } from "./orchestrator-output.ts";
import { actionType } from "./orchestrator-output.ts";

/** What the program needs of the replay around it. */
export interface ReplayState {
  /** `currentUtcDateTime` of the turn being replayed, milliseconds. */
  now: number;
  readonly open: Map<number, Future>;
  readonly undecided: Map<number, Decision>;
  nextId: number;
  /** Waiters by lower-cased event name; the newest waits first. */
  readonly waiters: Map<string, Future[]>;
  /** Names of events that nobody has waited for yet, oldest first. */
  readonly unconsumed: string[];
  continueAsNew: { readonly inputJson: string | null } | undefined;
  /** Events after the call of continueAsNew. */
  readonly carriedOver: HistoryEvent[];
}

const longTimerMilliseconds = 6 * 24 * 60 * 60_000;
const timerStepMilliseconds = 3 * 24 * 60 * 60_000;

type WithoutId<T> = T extends unknown ? Omit<T, "id"> : never;

type Starter = (state: ReplayState, action: Action) => Future;

const decide = (state: ReplayState, decision: WithoutId<Decision>): Future => {
  const id = state.nextId;
  state.nextId += 1;
  const future = new Future();
  state.open.set(id, future);
  state.undecided.set(id, { ...decision, id });
  return future;
};

const shortTimer = (state: ReplayState, fireAtMilliseconds: number): Future =>
  decide(state, { kind: "timer", fireAt: new Date(fireAtMilliseconds).toISOString() });

const cancelledTimer = (state: ReplayState, fireAtMilliseconds: number): Future => {
  const id = state.nextId;
  shortTimer(state, fireAtMilliseconds);
  state.open.delete(id);
  const cancelled = new Future();
  cancelled.settle(true);
  return cancelled;
};

/** Timers beyond six days advance in steps of three: storage behind a real task hub cannot hide a message for longer. */
const timer: Starter = (state, action) => {
  const fireAt = new Date(action.fireAt ?? "").getTime();
  const isLong = fireAt - state.now > longTimerMilliseconds;
  if (action.isCanceled === true) return cancelledTimer(state, isLong ? state.now + timerStepMilliseconds : fireAt);
  if (!isLong) return shortTimer(state, fireAt);
  const done = new Future();
  const step = (): void => {
    const remaining = fireAt - state.now;
    if (remaining <= 0) {
      done.settle();
      return;
    }
    shortTimer(state, state.now + Math.min(remaining, timerStepMilliseconds)).then(step);
  };
  step();
  return done;
};

/** Attempts with the waits between them; after the last one a timer that is due at once, which the SDK counts too. */
const retried = (state: ReplayState, options: RetryOptions, attempt: () => Future): Future => {
  if (options.retryTimeoutInMilliseconds !== undefined && options.retryTimeoutInMilliseconds !== null) {
    throw new Error(
      "retryTimeoutInMilliseconds is not supported locally: once it has passed, the SDK waits for ever (durable-js issue 629).",
    );
  }
  const done = new Future();
  const coefficient = options.backoffCoefficient ?? 1;
  const delayMax = options.maxRetryIntervalInMilliseconds ?? longTimerMilliseconds;
  const play = (number: number): void => {
    attempt().then((isFailed) => {
      if (!isFailed) {
        done.settle();
        return;
      }
      const isLast = number >= options.maxNumberOfAttempts;
      const delay = Math.min(delayMax, options.firstRetryIntervalInMilliseconds * coefficient ** (number - 1));
      shortTimer(state, isLast ? state.now : state.now + delay).then(() =>
        isLast ? done.settle(true) : play(number + 1),
      );
    });
  };
  play(1);
  return done;
};

const waitForEvent = (state: ReplayState, name: string): Future => {
  const future = new Future();
  const key = name.toLowerCase();
  const buffered = state.unconsumed.indexOf(key);
  if (buffered >= 0) {
    state.unconsumed.splice(buffered, 1);
    future.settle();
    return future;
  }
  state.waiters.set(key, [future, ...(state.waiters.get(key) ?? [])]);
  return future;
};

/** `all` ends when every child has ended, even if one failed: this is where the extension differs from the SDK. */
const compound = (children: readonly Future[], mode: "all" | "any"): Future => {
  const done = new Future();
  let missing = mode === "all" ? children.length : Math.min(1, children.length);
  if (missing === 0) done.settle();
  for (const child of children) {
    child.then(() => {
      missing -= 1;
      if (missing === 0) done.settle();
    });
  }
  return done;
};

const jsonText = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

/** A text is JSON already, anything else is made JSON, and nothing is an empty object. */
const activityInput = (input: unknown): string => (typeof input === "string" ? input : (jsonText(input) ?? "{}"));

const subOrchestration: Starter = (state, { functionName: name = "", input, instanceId, version }) =>
  decide(state, {
    ...{ kind: "sub-orchestration", name, version: version ?? "", inputJson: jsonText(input) },
    instanceId: instanceId ?? undefined,
  });

const task: Starter = (state, { functionName: name = "", input }) =>
  decide(state, { kind: "activity", name, input: activityInput(input) });

const withRetry =
  (begin: Starter): Starter =>
  (state, action) =>
    action.retryOptions === undefined
      ? begin(state, action)
      : retried(state, action.retryOptions, () => begin(state, action));

const compoundOf =
  (mode: "all" | "any"): Starter =>
  (state, { compoundActions = [] }) =>
    compound(
      compoundActions.map((child) => start(state, child)),
      mode,
    );

const continueAsNew: Starter = (state, { input }) => {
  state.continueAsNew = { inputJson: jsonText(input) };
  return compound([], "all");
};

const unsupported =
  (what: string): Starter =>
  () => {
    throw new Error(`${what} not supported locally.`);
  };

const starters = new Map<number, Starter>([
  [actionType.callActivity, task],
  [actionType.callActivityWithRetry, withRetry(task)],
  [actionType.callSubOrchestrator, subOrchestration],
  [actionType.callSubOrchestratorWithRetry, withRetry(subOrchestration)],
  [actionType.continueAsNew, continueAsNew],
  [actionType.createTimer, timer],
  [actionType.waitForExternalEvent, (state, action) => waitForEvent(state, action.externalEventName ?? "")],
  [actionType.whenAll, compoundOf("all")],
  [actionType.whenAny, compoundOf("any")],
  [actionType.callHttp, unsupported("callHttp is")],
  [actionType.callEntity, unsupported("Durable entities are")],
  [actionType.signalEntity, unsupported("Durable entities are")],
  [actionType.lockEntities, unsupported("Durable entities are")],
  [actionType.releaseEntities, unsupported("Durable entities are")],
]);

/** Starts one action. @throws Error for an action that is not supported locally */
const start: Starter = (state, action) =>
  (starters.get(action.actionType) ?? unsupported(`Action ${action.actionType} is`))(state, action);

/** Runs the actions one after the other, each when the one before has ended; calls `onEnd` behind the last. */
export const runProgram = (state: ReplayState, actions: readonly Action[], onEnd: () => void): void => {
  const step = (index: number): void => {
    for (let next = index; next < actions.length; next += 1) {
      const action = actions[next];
      if (action === undefined) break;
      const future = start(state, action);
      if (!future.isSettled) {
        future.then(() => step(next + 1));
        return;
      }
    }
    onEnd();
  };
  step(0);
};
