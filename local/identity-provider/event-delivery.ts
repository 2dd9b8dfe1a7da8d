import { callTarget } from "./calls.ts";
import type { Target } from "./calls.ts";
import type { LoggedEvent } from "./directory-database.ts";
import type { Directory } from "./directory.ts";

/** Calls the target about events, in the background and one after the other. */
export interface EventDelivery {
  /** While held back, what happens is never told: as with a target that cannot be reached. */
  hold(isHeld: boolean): void;
  stop(): Promise<void>;
}

export interface EventDeliveryDeps {
  readonly directory: Directory;
  readonly target: Target | undefined;
  readonly instanceId: string;
  readonly now: () => Date;
  readonly logFailure: (error: unknown) => void;
}

/** As `internal/repository/execution/queue.go` writes it: what is empty is left out. */
const bodyOf = (event: LoggedEvent, instanceId: string): string =>
  JSON.stringify({
    aggregateID: event.aggregateId,
    aggregateType: event.aggregateType,
    resourceOwner: event.resourceOwner,
    instanceID: instanceId,
    version: "v1",
    sequence: event.sequence,
    event_type: event.type,
    created_at: event.createdAt,
    userID: "LOGIN",
    ...(event.payload === undefined ? {} : { event_payload: event.payload }),
  });

/** Like Zitadel's worker it tries once: what was not taken is not told again, only its log still has it. */
export const startEventDelivery = (deps: EventDeliveryDeps): EventDelivery => {
  const { directory, target, instanceId, now, logFailure } = deps;
  const state = { isHeld: false, isStopped: false };
  let running: Promise<void> | undefined;
  const deliver = async (event: LoggedEvent): Promise<void> => {
    if (target === undefined) return;
    try {
      const answer = await callTarget(target, bodyOf(event, instanceId), now());
      await answer.body?.cancel();
      if (!answer.ok) throw new Error(`The target answered ${answer.status} to ${event.type}.`);
    } catch (error) {
      logFailure(error);
    }
  };
  const run = async (): Promise<void> => {
    while (!state.isStopped) {
      const event = directory.takePending();
      if (event === undefined) return;
      await deliver(event);
    }
  };
  const begin = (): void => {
    running ??= run().finally(() => {
      running = undefined;
    });
  };
  directory.onChange(() => {
    if (!state.isHeld) begin();
    else while (directory.takePending() !== undefined);
  });
  begin();
  return {
    hold: (isHeld) => (state.isHeld = isHeld),
    stop: async () => {
      state.isStopped = true;
      await running;
    },
  };
};
