import { randomUUID } from "node:crypto";
import type { LoadedApp } from "./app-loader.ts";
import type { CoreInvocationContext } from "./functions-core-module.ts";
import type {
  FunctionCallback,
  FunctionInvoker,
  InvocationRequest,
  InvocationResponse,
  RegisteredFunction,
  RpcTypedData,
} from "./rpc.ts";
import { withTimeLimit } from "./time-limit.ts";

export interface AppInvokerOptions {
  /** host.json `functionTimeout`; `undefined` = no limit. */
  readonly functionTimeoutMilliseconds?: number | undefined;
}

const makeRequest = (
  registered: RegisteredFunction,
  inputs: Readonly<Record<string, RpcTypedData>>,
  triggerMetadata: Readonly<Record<string, RpcTypedData>>,
): InvocationRequest => {
  const invocationId = randomUUID();
  const traceId = invocationId.replaceAll("-", "");
  return {
    invocationId,
    functionId: registered.id,
    inputData: Object.entries(inputs).map(([name, data]) => ({ name, data })),
    triggerMetadata,
    traceContext: { traceParent: `00-${traceId}-${traceId.slice(0, 16)}-00`, traceState: "", attributes: {} },
  };
};

interface HookedRun {
  readonly invocationContext: unknown;
  readonly hookData: Record<string, unknown>;
  readonly appHookData: Record<string, unknown>;
  inputs: unknown[];
  functionCallback: FunctionCallback;
  result: unknown;
  error: unknown;
}

const runHandler = async (run: HookedRun, call: (run: HookedRun) => Promise<unknown>): Promise<void> => {
  try {
    run.result = await call(run);
  } catch (error) {
    run.error = error;
  }
};

const toError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(`The function threw a value that is no error: ${String(error)}`);

/**
 * Runs functions of a loaded app in the order of the Node worker: arguments, preInvocation hooks, handler,
 * postInvocation hooks, response. Source: azure-functions-nodejs-worker src/eventHandlers/InvocationHandler.ts.
 */
export class AppInvoker implements FunctionInvoker {
  readonly #app: LoadedApp;
  readonly #limitMilliseconds: number | undefined;
  readonly #running = new Set<Promise<InvocationResponse>>();

  constructor(app: LoadedApp, options: AppInvokerOptions = {}) {
    this.#app = app;
    this.#limitMilliseconds = options.functionTimeoutMilliseconds;
  }

  async invoke(
    functionName: string,
    inputs: Readonly<Record<string, RpcTypedData>>,
    triggerMetadata: Readonly<Record<string, RpcTypedData>> = {},
  ): Promise<InvocationResponse> {
    const registered = this.#app.registration.functions.get(functionName);
    if (registered === undefined) throw new Error(`The app has no function "${functionName}".`);
    const run = this.#run(registered, makeRequest(registered, inputs, triggerMetadata));
    this.#running.add(run);
    const forget = (): void => void this.#running.delete(run);
    run.then(forget, forget);
    const limit = this.#limitMilliseconds;
    return limit === undefined ? run : withTimeLimit(run, limit, functionName);
  }

  /** Runs in progress, those past their time limit included. */
  get runningCount(): number {
    return this.#running.size;
  }

  /** Resolves when no run is in progress; starts nothing and stops nothing. */
  async whenIdle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  async #run(registered: RegisteredFunction, request: InvocationRequest): Promise<InvocationResponse> {
    const { registration, model } = this.#app;
    const { hooks, appHookData } = registration;
    const { invocationId } = request;
    const core: CoreInvocationContext = {
      invocationId,
      request,
      metadata: registered,
      state: undefined,
      log: (level, category, message) =>
        registration.log(level, category, message, { functionName: registered.name, invocationId, ...scope }),
    };
    const scope: { invocationContext?: unknown } = {};
    const invocation = model.getInvocationModel(core);
    const { context, inputs } = await invocation.getArguments();
    scope.invocationContext = context;
    const run: HookedRun = {
      invocationContext: context,
      hookData: {},
      appHookData,
      inputs,
      functionCallback: registered.callback,
      result: undefined,
      error: undefined,
    };
    core.state = "preInvocationHooks";
    if (hooks.has("preInvocation")) await hooks.run("preInvocation", run);
    core.state = "invocation";
    await runHandler(run, (now) => invocation.invokeFunction(context, now.inputs, now.functionCallback));
    core.state = "postInvocationHooks";
    if (hooks.has("postInvocation")) await hooks.run("postInvocation", run);
    if (run.error !== undefined && run.error !== null) throw toError(run.error);
    return invocation.getResponse(context, run.result);
  }
}
