import type { FunctionInvoker } from "../../core/rpc.ts";
import type { HistoryEvent } from "../protocol/history-event.ts";
import type { OrchestratorOutput } from "../protocol/orchestrator-output.ts";
import { readOrchestratorError, readOrchestratorOutput } from "../protocol/orchestrator-output.ts";
import type { InstanceRow } from "../store/records.ts";
import { parentOf } from "../store/records.ts";

export interface RunnerOptions {
  readonly invoker: FunctionInvoker;
  readonly triggerBindingName: (functionName: string) => string;
}

/** The orchestrator trigger's payload (schema V2, as the extension sends it; see OutOfProcOrchestrationShim). */
const payloadOf = (row: InstanceRow, history: readonly HistoryEvent[], isReplaying: boolean): string =>
  JSON.stringify({
    history,
    input: row.inputJson === null || row.inputJson === "" ? null : (JSON.parse(row.inputJson) as unknown),
    instanceId: row.instanceId,
    parentInstanceId: parentOf(row)?.OrchestrationInstance.InstanceId ?? null,
    isReplaying,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 2,
    maximumShortTimerDuration: "6.00:00:00",
    longRunningTimerIntervalDuration: "3.00:00:00",
    defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
  });

/** Runs the orchestrator function once over its history. An error without the SDK's state fails the orchestration. */
export const runOrchestrator = async (
  { invoker, triggerBindingName }: RunnerOptions,
  row: InstanceRow,
  history: readonly HistoryEvent[],
  isReplaying: boolean,
): Promise<OrchestratorOutput> => {
  try {
    const input = { [triggerBindingName(row.name)]: { string: payloadOf(row, history, isReplaying) } };
    const { returnValue } = await invoker.invoke(row.name, input);
    return readOrchestratorOutput(returnValue?.json ?? returnValue?.string);
  } catch (error) {
    const state = readOrchestratorError(error);
    if (state !== undefined) return state;
    const message = error instanceof Error ? error.message : String(error);
    return { actions: [], isDone: true, output: null, customStatus: null, error: message };
  }
};

/** The text an activity's result is kept as: JSON, whatever kind of value the worker sent. */
const resultText = (value: Awaited<ReturnType<FunctionInvoker["invoke"]>>["returnValue"]): string | null => {
  if (value?.json !== undefined && value.json !== null) return value.json;
  if (value?.string !== undefined && value.string !== null) return JSON.stringify(value.string);
  const number = value?.int ?? value?.double;
  return number === undefined || number === null ? null : String(number);
};

export type ActivityResult =
  { readonly kind: "completed"; readonly result: string | null } | { readonly kind: "failed"; readonly reason: string };

/** Runs an activity once; its failure is a result, because the orchestrator decides what follows. */
export const runActivity = async (
  { invoker, triggerBindingName }: RunnerOptions,
  activity: { readonly name: string; readonly input: string; readonly instanceId: string },
): Promise<ActivityResult> => {
  const { name, input, instanceId } = activity;
  try {
    const metadata = { instanceId: { string: instanceId }, data: { string: input } };
    const { returnValue } = await invoker.invoke(name, { [triggerBindingName(name)]: { string: input } }, metadata);
    return { kind: "completed", result: resultText(returnValue) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: "failed", reason: `Activity function '${name}' failed:  ${message}` };
  }
};
