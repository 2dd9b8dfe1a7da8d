import { z } from "zod";
import { Hooks, systemError } from "./hooks.ts";
import type { LogCategory, LogEntry, LogLevel, LogSink } from "./log.ts";
import type { BindingInfo, FunctionCallback, RegisteredFunction } from "./rpc.ts";

const Metadata = z.looseObject({
  name: z.string().min(1),
  functionId: z.string().optional(),
  bindings: z.record(z.string(), z.looseObject({ type: z.string(), direction: z.enum(["in", "out"]) })),
  retryOptions: z.unknown(),
});

interface LogScope {
  readonly functionName?: string;
  readonly invocationId?: string;
  readonly invocationContext?: unknown;
}

/** What one app has registered: its functions and hooks. Functions can be added until `lock`. */
export class AppRegistration {
  readonly functions = new Map<string, RegisteredFunction>();
  readonly hooks = new Hooks();
  readonly appHookData: Record<string, unknown> = {};
  readonly #ids = new Set<string>();
  readonly #sink: LogSink;
  #isLocked = false;

  constructor(sink: LogSink) {
    this.#sink = sink;
  }

  /** @returns a function that takes the registration back; @throws when locked, invalid or a duplicate */
  register(metadata: unknown, callback: FunctionCallback): () => void {
    if (this.#isLocked) throw systemError(new Error("A function can only be registered during app startup."));
    const { name, functionId, bindings, retryOptions } = Metadata.parse(metadata);
    const id = functionId ?? name;
    if (this.#ids.has(id) || this.functions.has(name)) {
      throw systemError(new Error(`A function with id "${id}" has already been registered.`));
    }
    const hasRetryOptions = retryOptions !== undefined && retryOptions !== null;
    const known: Record<string, BindingInfo> = bindings;
    this.#ids.add(id);
    this.functions.set(name, { id, name, bindings: known, hasRetryOptions, callback });
    return () => {
      this.#ids.delete(id);
      this.functions.delete(name);
    };
  }

  lock(): void {
    this.#isLocked = true;
  }

  /** Passes a log line through the app's log hooks, which may change level and text, to the host's sink. */
  log(level: LogLevel, category: LogCategory, message: string, scope: LogScope = {}): void {
    const { invocationContext, ...where } = scope;
    const entry: { -readonly [K in keyof LogEntry]: LogEntry[K] } = { level, category, message, ...where };
    if (this.hooks.has("log")) {
      const context = { level, category, message, invocationContext, hookData: {}, appHookData: this.appHookData };
      this.hooks.runLog(context);
      entry.level = context.level;
      entry.message = context.message;
    }
    this.#sink(entry);
  }
}
