import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { testEngine } from "../support/docker-engine.ts";

const Facts = z.object({
  gateway: z.string(),
  functions: z.string(),
  identityProvider: z.string(),
  resourceManager: z.string(),
  dataDir: z.string(),
  accounts: z.array(
    z.object({
      email: z.string(),
      password: z.string(),
      name: z.string(),
      organisation: z.string(),
      orgId: z.string(),
      roles: z.array(z.string()),
    }),
  ),
  instances: z.array(z.object({ id: z.string(), publicEndpoint: z.string(), internalEndpoint: z.string() })),
  keys: z.object({ gateway: z.string(), master: z.string() }),
  stripe: z.string(),
  webhooks: z.object({ stripeSecret: z.string(), zitadelSigningKey: z.string() }),
  pids: z.record(z.string(), z.number()),
});
export type PlatformFacts = z.infer<typeof Facts>;

/** A platform as `npm start -- --json` starts it, on ports and data of its own. */
export interface RunningPlatform extends PlatformFacts {
  /** Lines for people printed so far. */
  readonly progress: () => string;
  stop(): Promise<void>;
}

const startTimeoutMilliseconds = 200_000;
const stopTimeoutMilliseconds = 30_000;

const readFacts = (child: ChildProcess, progress: () => string): Promise<PlatformFacts> =>
  new Promise((resolve, reject) => {
    let output = "";
    const fail = (reason: string): void => reject(new Error(`${reason}\n${progress()}`));
    const timer = setTimeout(() => fail("The platform was not ready in time."), startTimeoutMilliseconds);
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      const line = output.split("\n").find((candidate) => candidate.startsWith("{"));
      if (line === undefined || !output.includes(`${line}\n`)) return;
      clearTimeout(timer);
      resolve(Facts.parse(JSON.parse(line)));
    });
    child.once("exit", (code) => {
      clearTimeout(timer);
      fail(`The platform ended with code ${code ?? "none"}.`);
    });
  });

export interface StartOptions {
  /** Called with every line for people, while the platform starts and runs its journey. */
  readonly onLine?: (line: string) => void;
  /** Data of an earlier platform; otherwise new data that is removed at the end. */
  readonly dataDirectory?: string;
  /** With a simulation host: two of them must not share an engine at the same time. */
  readonly withSimulations?: boolean;
}

export const startPlatform = async ({
  onLine,
  dataDirectory,
  withSimulations = false,
}: StartOptions = {}): Promise<RunningPlatform> => {
  const own = await mkdtemp(join(tmpdir(), "kombify-e2e-"));
  const data = dataDirectory ?? join(own, "data");
  // One engine for all tests: two would fight over the machine's firewall.
  const engine = withSimulations ? await testEngine() : undefined;
  const child = spawn(
    process.execPath,
    ["local/up.ts", "--json", "--data", data, ...(withSimulations ? [] : ["--without-simulations"])],
    {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...(engine === undefined ? {} : { DOCKER_HOST: `unix://${engine.socketPath}` }) },
    },
  );
  let seen = "";
  child.stderr.on("data", (chunk: Buffer) => {
    seen += chunk.toString();
    for (const line of chunk.toString().split("\n")) if (line.trim() !== "") onLine?.(line);
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      const force = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMilliseconds);
      await once(child, "exit");
      clearTimeout(force);
    }
    await rm(own, { recursive: true, force: true });
  };
  try {
    const facts = await readFacts(child, () => seen);
    return { ...facts, progress: () => seen, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
