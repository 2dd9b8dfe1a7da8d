import { z } from "zod";

/** Numbers of the SDK's `ActionType` (durable-functions 3.x, JSON protocol). */
export const actionType = {
  callActivity: 0,
  callActivityWithRetry: 1,
  callSubOrchestrator: 2,
  callSubOrchestratorWithRetry: 3,
  continueAsNew: 4,
  createTimer: 5,
  waitForExternalEvent: 6,
  callEntity: 7,
  callHttp: 8,
  signalEntity: 9,
  whenAny: 11,
  whenAll: 12,
  lockEntities: 13,
  releaseEntities: 14,
} as const;

const RetryOptions = z.object({
  firstRetryIntervalInMilliseconds: z.number(),
  maxNumberOfAttempts: z.number(),
  backoffCoefficient: z.number().nullish(),
  maxRetryIntervalInMilliseconds: z.number().nullish(),
  retryTimeoutInMilliseconds: z.number().nullish(),
});
export type RetryOptions = z.infer<typeof RetryOptions>;

/** One action as the SDK reports it; which members are set depends on `actionType`. */
export interface Action {
  readonly actionType: number;
  readonly functionName?: string | undefined;
  readonly input?: unknown;
  readonly retryOptions?: RetryOptions | undefined;
  readonly instanceId?: string | null | undefined;
  readonly version?: string | null | undefined;
  readonly fireAt?: string | undefined;
  readonly isCanceled?: boolean | undefined;
  readonly externalEventName?: string | undefined;
  readonly compoundActions?: readonly Action[] | undefined;
}

const Action: z.ZodType<Action> = z.lazy(() =>
  z.object({
    actionType: z.number(),
    functionName: z.string().optional(),
    input: z.unknown().optional(),
    retryOptions: RetryOptions.optional(),
    instanceId: z.string().nullish(),
    version: z.string().nullish(),
    fireAt: z.string().optional(),
    isCanceled: z.boolean().optional(),
    externalEventName: z.string().optional(),
    compoundActions: z.array(Action).optional(),
  }),
);

const Output = z.object({
  isDone: z.boolean(),
  actions: z.array(z.array(Action)),
  output: z.unknown().optional(),
  customStatus: z.unknown().optional(),
  error: z.string().nullish(),
});

/** What one run of an orchestrator says: every action since its execution began, and how it ended if it did. */
export interface OrchestratorOutput {
  readonly actions: readonly Action[];
  readonly isDone: boolean;
  /** JSON text of the result; null for none. */
  readonly outputJson: string | null;
  /** JSON text; null for none: the SDK leaves out what is falsy. */
  readonly customStatusJson: string | null;
  readonly error: string | undefined;
}

const label = "\n\n$OutOfProcData$:";

const jsonOrNull = (value: unknown): string | null =>
  value === undefined || value === null ? null : JSON.stringify(value);

const fromJson = (text: string): OrchestratorOutput => {
  const { isDone, actions, output, customStatus, error } = Output.parse(JSON.parse(text));
  return {
    actions: actions.flat(),
    isDone,
    outputJson: jsonOrNull(output),
    customStatusJson: jsonOrNull(customStatus),
    error: error ?? undefined,
  };
};

/** Reads what an orchestrator returned. @throws Error when it is not the protocol's JSON */
export const readOrchestratorOutput = (json: string | null | undefined): OrchestratorOutput => {
  if (json === null || json === undefined) throw new Error("The orchestrator returned nothing the host understands.");
  return fromJson(json);
};

/**
 * Reads what a failing orchestrator threw: its state is behind a label in the message. Undefined: another kind of error.
 * @throws Error when the label is there and the protocol's JSON is not
 */
export const readOrchestratorError = (error: unknown): OrchestratorOutput | undefined => {
  const message = error instanceof Error ? error.message : String(error);
  const at = message.indexOf(label);
  if (at === -1) return undefined;
  const output = fromJson(message.slice(at + label.length));
  return { ...output, error: output.error ?? "The orchestrator failed." };
};
