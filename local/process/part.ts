import type { ZodType } from "zod";

/** What a running part offers: facts for its neighbours (URLs, ports) and a way to stop it. */
export interface RunningPart {
  readonly ready: Readonly<Record<string, unknown>>;
  readonly stop: () => Promise<void>;
}

/** What a part tells its parent over IPC once, when it can be used. */
export interface ReadyMessage {
  readonly type: "ready";
  readonly facts: Readonly<Record<string, unknown>>;
}

/** The environment variable that carries a part's configuration, as JSON. */
export const partConfigVariable = "KOMBIFY_PART_CONFIG";

const stopTimeoutMilliseconds = 8000;

/**
 * Runs one part of the local platform as a process: reads its configuration from `KOMBIFY_PART_CONFIG`, reports `ready`
 * over IPC (or as a JSON line on stdout when started by hand), and stops on SIGTERM, SIGINT or when its parent is gone.
 */
export const runPart = async <C>(schema: ZodType<C>, start: (config: C) => Promise<RunningPart>): Promise<void> => {
  const config = schema.parse(JSON.parse(process.env[partConfigVariable] ?? "{}"));
  const part = await start(config);
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(1), stopTimeoutMilliseconds).unref();
    part.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  process.on("disconnect", stop);
  const message: ReadyMessage = { type: "ready", facts: part.ready };
  if (process.send === undefined) process.stdout.write(`${JSON.stringify(message)}\n`);
  else process.send(message);
};
