import type { Instance } from "../instances/instance.ts";
import type { Operation } from "../operations/operation.ts";

/** The instances, as far as health is concerned. */
export interface WatchedInstances {
  find(id: string): Promise<Instance | undefined>;
  list(filter: { readonly status?: Instance["status"] }): Promise<readonly Instance[]>;
  update(pool: string, id: string, change: (instance: Instance) => Instance | undefined): Promise<unknown>;
}

/** What came of asking an instance for its health. `cause` is a sentence for people. */
export type ProbeOutcome =
  | {
      readonly kind: "answered";
      readonly latencyMilliseconds: number;
      readonly status: "healthy" | "degraded";
      readonly failedChecks: readonly string[];
      readonly version: string | null;
    }
  /** It answered, but not as an instance does. */
  | { readonly kind: "wrong"; readonly latencyMilliseconds: number; readonly cause: string }
  | { readonly kind: "silent"; readonly cause: string };

/** Asks an instance's `GET <endpoint>/health`. Bounded in time and size; never throws for what the instance does. */
export type ProbeInstance = (endpoint: string, instanceId: string) => Promise<ProbeOutcome>;

/** One signed POST to the operators' webhook. Bounded in time; never throws for what the receiver does. */
export type SendWebhook = (request: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}) => Promise<{ readonly isAccepted: boolean; readonly detail: string }>;

/** The operations of all organisations, for the operators' page. */
export interface RecentOperations {
  /** Unfinished ones in the order of their beginning, then those begun since then that failed, newest first. */
  recent(
    sinceIso: string,
  ): Promise<{ readonly unfinished: readonly Operation[]; readonly failed: readonly Operation[] }>;
}
