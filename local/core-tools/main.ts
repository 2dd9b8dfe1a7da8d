import { spawn } from "node:child_process";
import { once } from "node:events";
import { z } from "zod";
import { runPart } from "../process/part.ts";
import { waitUntil } from "../process/wait-until.ts";

/** As of `functions-host`, so that either host can run the app; Core Tools keeps keys of its own and checks none locally. */
const Config = z.object({
  port: z.int().min(1).max(65_535),
  appDirectory: z.string(),
  settings: z.record(z.string(), z.string()),
  storageConnectionString: z.string(),
});
type Config = z.infer<typeof Config>;

const startTimeoutMilliseconds = 50_000;
const stopTimeoutMilliseconds = 6_000;
const pingTimeoutMilliseconds = 1_000;

const isUp = (url: string): Promise<boolean> =>
  fetch(`${url}/admin/host/ping`, { signal: AbortSignal.timeout(pingTimeoutMilliseconds) }).then(
    ({ ok }) => ok,
    () => false,
  );

const startCoreTools = async ({ port, appDirectory, settings, storageConnectionString }: Config) => {
  const url = `http://127.0.0.1:${port}`;
  const child = spawn("func", ["start", "--port", String(port), "--no-build"], {
    cwd: appDirectory,
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      ...settings,
      AzureWebJobsStorage: storageConnectionString,
      AzureWebJobsDisableHomepage: "true",
      FUNCTIONS_WORKER_RUNTIME: "node",
    },
  });
  const failure = { reason: "" };
  child.once("error", (error) => (failure.reason = error.message));
  child.once("exit", (code) => (failure.reason = `it ended with code ${code ?? "none"}`));
  await waitUntil(async () => failure.reason !== "" || (await isUp(url)), startTimeoutMilliseconds, 250);
  if (failure.reason !== "" || !(await isUp(url))) {
    child.kill("SIGKILL");
    throw new Error(
      `Azure Functions Core Tools did not start the app (${failure.reason === "" ? "no answer in 50 s" : failure.reason}). ` +
        "Install them with: npm install -g azure-functions-core-tools@4. Without --host func the local host is used.",
    );
  }
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    const force = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMilliseconds);
    child.kill("SIGTERM");
    await ended;
    clearTimeout(force);
  };
  return { ready: { url }, stop };
};

await runPart(Config, startCoreTools);
