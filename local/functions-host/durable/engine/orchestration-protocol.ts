import type { HistoryEvent } from "../history/history-event.ts";

/** A decision of the orchestrator that its history does not have yet. `id` is the task id, counted per execution. */
export type Decision =
  /** `input` is the text that the activity is given. */
  | { readonly kind: "activity"; readonly id: number; readonly name: string; readonly input: string }
  /** `fireAt` is ISO 8601 UTC. */
  | { readonly kind: "timer"; readonly id: number; readonly fireAt: string }
  | {
      readonly kind: "sub-orchestration";
      readonly id: number;
      readonly name: string;
      readonly version: string;
      readonly inputJson: string | null;
      /** Undefined: the engine makes one. */
      readonly instanceId: string | undefined;
    };

export type Completion =
  | { readonly kind: "completed"; readonly resultJson: string | null }
  | { readonly kind: "failed"; readonly reason: string }
  /** `carriedOver` are events that came after the call and belong to the next execution. */
  | {
      readonly kind: "continued-as-new";
      readonly inputJson: string | null;
      readonly carriedOver: readonly HistoryEvent[];
    };

export interface TurnResult {
  readonly decisions: readonly Decision[];
  /** Undefined while the execution goes on. */
  readonly completion: Completion | undefined;
  /** Null: as it was. */
  readonly customStatusJson: string | null;
}

/** What an orchestrator is run with: one execution's history, the part of earlier turns apart from this turn's. */
export interface OrchestratorTurn {
  readonly instanceId: string;
  readonly name: string;
  readonly parentInstanceId: string | null;
  readonly inputJson: string | null;
  readonly past: readonly HistoryEvent[];
  readonly fresh: readonly HistoryEvent[];
}

export interface ActivityCall {
  readonly instanceId: string;
  readonly name: string;
  readonly input: string;
}

export type ActivityResult =
  | { readonly kind: "completed"; readonly resultJson: string | null }
  | { readonly kind: "failed"; readonly reason: string };

/**
 * How the engine talks to the app's functions. What goes wrong in the app is a result, not a rejection. The SDK's next
 * major version speaks another protocol: it replaces the implementation of this and nothing else.
 */
export interface OrchestrationProtocol {
  runOrchestrator(turn: OrchestratorTurn): Promise<TurnResult>;
  runActivity(call: ActivityCall): Promise<ActivityResult>;
}
