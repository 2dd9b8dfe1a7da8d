import Module from "node:module";
import type { AppRegistration } from "./app-registration.ts";
import { type HookCallback, systemError } from "./hooks.ts";
import type { LogCategory, LogLevel } from "./log.ts";
import type { FunctionCallback, InvocationRequest, InvocationResponse, RegisteredFunction } from "./rpc.ts";

/** The version of the real host whose behaviour this one follows. */
export const hostVersion = "4.1037.0";
const workerVersion = "3.10.1";

/** What the library is told about one run of a function. `state` changes while it runs. */
export interface CoreInvocationContext {
  readonly invocationId: string;
  readonly request: InvocationRequest;
  readonly metadata: RegisteredFunction;
  state: "preInvocationHooks" | "invocation" | "postInvocationHooks" | undefined;
  log(level: LogLevel, category: LogCategory, message: string): void;
}

/** The library's side of one run: it turns wire data into arguments and the result into wire data. */
interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<InvocationResponse>;
}

export interface ProgrammingModel {
  getInvocationModel(context: CoreInvocationContext): InvocationModel;
  getCapabilities(defaults: Record<string, string>): Promise<Record<string, string | undefined>>;
}

class Disposable {
  static from(...disposables: readonly { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const each of disposables) each.dispose();
    });
  }
  readonly #onDispose: () => void;
  constructor(onDispose: () => void) {
    this.#onDispose = onDispose;
  }
  dispose(): void {
    this.#onDispose();
  }
}

// `@azure/functions` asks for its core module once and keeps it for the life of the process, and sets its programming
// model once. So there is one module object per process, and it speaks for the app that was loaded last.
const current: { app: AppRegistration | undefined; model: ProgrammingModel | undefined } = {
  app: undefined,
  model: undefined,
};

const currentApp = (): AppRegistration => {
  if (current.app === undefined) throw systemError(new Error("No app is being loaded by the local Functions host."));
  return current.app;
};

const functionsCore = {
  version: workerVersion,
  hostVersion,
  setProgrammingModel(model: ProgrammingModel): void {
    current.model = model;
  },
  getProgrammingModel: (): ProgrammingModel | undefined => current.model,
  registerFunction: (metadata: unknown, callback: FunctionCallback): Disposable =>
    new Disposable(currentApp().register(metadata, callback)),
  registerHook: (name: string, callback: HookCallback): Disposable =>
    new Disposable(currentApp().hooks.register(name, callback)),
  log: (level: LogLevel, category: LogCategory, message: string): void => currentApp().log(level, category, message),
  Disposable,
};

type ModuleLoad = (request: string, ...rest: unknown[]) => unknown;

// `_load` is Node's undocumented but long-standing hook for every `require`; its types do not mention it.
const moduleInternals = (): { _load: ModuleLoad } => Module as unknown as { _load: ModuleLoad };

const installed = { done: false };

/** Makes `require("@azure/functions-core")` answer with the host's module. Call it before any app code is loaded. */
export const installFunctionsCore = (): void => {
  if (installed.done) return;
  installed.done = true;
  const internals = moduleInternals();
  const load = internals._load;
  internals._load = function patchedLoad(this: unknown, request: string, ...rest: unknown[]): unknown {
    return request === "@azure/functions-core" ? functionsCore : load.call(this, request, ...rest);
  };
};

/** Makes `app` the one that registrations go to. @returns whether another app was loaded in this process before */
export const beginRegistration = (app: AppRegistration): { readonly isReload: boolean } => {
  const isReload = current.app !== undefined;
  current.app = app;
  return { isReload };
};

/** The model `@azure/functions` set. @throws when the app has not loaded that library */
export const programmingModel = (): ProgrammingModel => {
  if (current.model === undefined) {
    throw new Error("The app registered no programming model: it does not load @azure/functions v4.");
  }
  return current.model;
};
