import type { FunctionInvoker, InvocationResponse } from "../../core/rpc.ts";
import type {
  ActivityCall,
  ActivityResult,
  Decision,
  OrchestrationProtocol,
  OrchestratorTurn,
  TurnResult,
} from "../engine/orchestration-protocol.ts";
import type { OrchestratorOutput } from "./orchestrator-output.ts";
import { readOrchestratorError, readOrchestratorOutput } from "./orchestrator-output.ts";
import { replay } from "./replay.ts";
import { orchestratorTriggerPayload } from "./trigger-payload.ts";

export interface FunctionProtocolOptions {
  readonly invoker: FunctionInvoker;
  readonly triggerBindingName: (functionName: string) => string;
  readonly functions: { readonly orchestrators: readonly string[]; readonly activities: readonly string[] };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The text an activity's result is kept as: JSON, whatever kind of value the worker sent. */
const resultJson = (value: InvocationResponse["returnValue"]): string | null => {
  if (value?.json !== undefined && value.json !== null) return value.json;
  if (value?.string !== undefined && value.string !== null) return JSON.stringify(value.string);
  const number = value?.int ?? value?.double;
  return number === undefined || number === null ? null : String(number);
};

const failedTurn = (reason: string, customStatusJson: string | null = null): TurnResult => ({
  decisions: [],
  completion: { kind: "failed", reason },
  customStatusJson,
});

/** Runs the function once. The SDK reports a failure of the app's code by an error that carries its state. */
const invokeOrchestrator = async (
  { invoker, triggerBindingName }: FunctionProtocolOptions,
  turn: OrchestratorTurn,
): Promise<OrchestratorOutput> => {
  try {
    const input = { [triggerBindingName(turn.name)]: { string: orchestratorTriggerPayload(turn) } };
    const { returnValue } = await invoker.invoke(turn.name, input);
    return readOrchestratorOutput(returnValue?.json ?? returnValue?.string);
  } catch (error) {
    const output = readOrchestratorError(error);
    if (output === undefined) throw error;
    return output;
  }
};

/** The failure text of a whole orchestration, as the extension words it. */
const orchestratorFailed = (name: string, result: TurnResult): TurnResult => {
  const { completion } = result;
  if (completion?.kind !== "failed") return result;
  const reason = `Orchestrator function '${name}' failed: ${completion.reason}`;
  return { ...result, completion: { kind: "failed", reason } };
};

/** Asking for a function that is not there fails the orchestration itself: its code cannot catch it, as in Azure. */
const unknownFunction = (
  { functions: { activities, orchestrators } }: FunctionProtocolOptions,
  decisions: readonly Decision[],
): string | undefined => {
  for (const decision of decisions) {
    if (decision.kind === "activity" && !activities.includes(decision.name)) {
      return `There is no activity function '${decision.name}'.`;
    }
    if (decision.kind === "sub-orchestration" && !orchestrators.includes(decision.name)) {
      return `There is no orchestrator function '${decision.name}'.`;
    }
  }
  return undefined;
};

const runOrchestrator = async (options: FunctionProtocolOptions, turn: OrchestratorTurn): Promise<TurnResult> => {
  if (!options.functions.orchestrators.includes(turn.name)) {
    return failedTurn(`There is no orchestrator function '${turn.name}'.`);
  }
  try {
    const output = await invokeOrchestrator(options, turn);
    const result = replay([...turn.past, ...turn.fresh], output);
    const unknown = unknownFunction(options, result.decisions);
    if (unknown !== undefined) return failedTurn(unknown, output.customStatusJson);
    return orchestratorFailed(turn.name, { ...result, customStatusJson: output.customStatusJson });
  } catch (error) {
    return failedTurn(messageOf(error));
  }
};

/** Two blanks behind the colon, as in the extension. */
const runActivity = async (options: FunctionProtocolOptions, call: ActivityCall): Promise<ActivityResult> => {
  const { name, input, instanceId } = call;
  try {
    const metadata = { instanceId: { string: instanceId }, data: { string: input } };
    const inputs = { [options.triggerBindingName(name)]: { string: input } };
    const { returnValue } = await options.invoker.invoke(name, inputs, metadata);
    return { kind: "completed", resultJson: resultJson(returnValue) };
  } catch (error) {
    return { kind: "failed", reason: `Activity function '${name}' failed:  ${messageOf(error)}` };
  }
};

/** The JSON protocol of durable-functions 3.x. */
export const functionProtocol = (options: FunctionProtocolOptions): OrchestrationProtocol => ({
  runOrchestrator: (turn) => runOrchestrator(options, turn),
  runActivity: (call) => runActivity(options, call),
});
