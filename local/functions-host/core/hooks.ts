/** Callbacks of `app.hook.*`; each gets a context object it may change. */
export type HookCallback = (context: object) => unknown;

const hookNames = ["preInvocation", "postInvocation", "appStart", "appTerminate", "log"] as const;
export type HookName = (typeof hookNames)[number];

const isHookName = (name: string): name is HookName => hookNames.some((known) => known === name);

/** An error the library recognises as the host's own: it tells "old host" and "wrong use" apart by this mark. */
export const systemError = <E extends Error>(error: E): E & { isAzureFunctionsSystemError: true } =>
  Object.assign(error, { isAzureFunctionsSystemError: true as const });

/** The hooks of one app, in order of registration. */
export class Hooks {
  readonly #callbacks: Record<HookName, HookCallback[]> = {
    preInvocation: [],
    postInvocation: [],
    appStart: [],
    appTerminate: [],
    log: [],
  };

  /** @returns a function that removes the hook again; @throws a marked RangeError for an unknown name */
  register(name: string, callback: HookCallback): () => void {
    if (!isHookName(name)) throw systemError(new RangeError(`Unrecognized hook "${name}"`));
    this.#callbacks[name].push(callback);
    return () => {
      this.#callbacks[name] = this.#callbacks[name].filter((other) => other !== callback);
    };
  }

  has(name: HookName): boolean {
    return this.#callbacks[name].length > 0;
  }

  /** Runs the hooks one after another on the same context; the first error stops them. */
  async run(name: Exclude<HookName, "log">, context: object): Promise<void> {
    for (const callback of this.#callbacks[name]) await callback(context);
  }

  /** Log hooks run at once: a log call cannot wait. */
  runLog(context: object): void {
    for (const callback of this.#callbacks.log) callback(context);
  }
}
