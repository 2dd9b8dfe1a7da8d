import { readSettings } from "./config.ts";
import { jsonLogger } from "./json-logger.ts";
import { startHost } from "./start-host.ts";

/** How long a stop may take before the process ends anyway; what it leaves behind is found at the next start. */
const stopTimeoutMilliseconds = 25_000;

const log = jsonLogger(process.stdout, process.stderr);

const main = async (): Promise<void> => {
  const host = await startHost(readSettings(process.env), { log, onLost: () => stop(1) });
  let isStopping = false;
  const stop = (code: number): void => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(1), stopTimeoutMilliseconds).unref();
    host.stop().then(
      () => process.exit(code),
      (error: unknown) => {
        log.error("the host did not stop in order", { reason: error instanceof Error ? error.message : "?" });
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", () => stop(0));
  process.on("SIGINT", () => stop(0));
  // Under the local platform, whose end is ours.
  process.on("disconnect", () => stop(0));
  log.info("the simulation host listens", { url: host.url });
  process.send?.({ type: "ready", facts: { url: host.url } });
};

main().catch((error: unknown) => {
  log.error("the simulation host cannot start", { reason: error instanceof Error ? error.message : "?" });
  process.exit(1);
});
