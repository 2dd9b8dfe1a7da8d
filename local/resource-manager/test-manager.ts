import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ResourceManagementClient } from "@azure/arm-resources";
import { type Deployment, DeploymentsClient } from "@azure/arm-resourcesdeployments";
import { z } from "zod";
import { partConfigVariable } from "../process/part.ts";

export const subscriptionId = "00000000-0000-4000-8000-000000000001";
export const groupName = "kombify-test";
export const acceptedToken = "a-token-for-the-manager";

type Pipeline = DeploymentsClient["pipeline"];
const credential = { getToken: () => Promise.resolve({ token: acceptedToken, expiresOnTimestamp: Number.MAX_VALUE }) };

/** Azure's clients refuse to send a token over plain HTTP; on loopback we send it ourselves. */
const sendTokenOverLoopback = (pipeline: Pipeline): void => {
  pipeline.removePolicy({ name: "bearerTokenAuthenticationPolicy" });
  pipeline.addPolicy(
    {
      name: "loopbackBearerPolicy",
      sendRequest: (request, next) => {
        request.headers.set("authorization", `Bearer ${acceptedToken}`);
        request.allowInsecureConnection = true;
        return next(request);
      },
    },
    { phase: "Sign" },
  );
};

/** The unmodified Azure clients, pointed at a manager. Refusals come at once instead of after retries. */
export const armClients = (
  endpoint: string,
): { readonly deployments: DeploymentsClient; readonly resources: ResourceManagementClient } => {
  const options = { endpoint, allowInsecureConnection: true, retryOptions: { maxRetries: 0 } };
  const deployments = new DeploymentsClient(credential, subscriptionId, options);
  const resources = new ResourceManagementClient(credential, subscriptionId, options);
  sendTokenOverLoopback(deployments.pipeline);
  sendTokenOverLoopback(resources.pipeline);
  return { deployments, resources };
};

/** The body of a deployment as production sends it, with a password to look for in all the wrong places. */
export const deploymentOf = (instanceName: string, superuserPassword: string): Deployment => ({
  properties: {
    mode: "Incremental",
    templateLink: { uri: "https://templates.example/stack-instance.json" },
    parameters: {
      instanceName: { value: instanceName },
      location: { value: "westeurope" },
      deploymentMode: { value: "SHARED" },
      superuserEmail: { value: "control-plane@kombify.internal" },
      superuserPassword: { value: superuserPassword },
      tags: { value: { "kombify-instance": instanceName } },
    },
  },
});

export interface ManagerProcess {
  readonly url: string;
  readonly pid: number;
  readonly output: () => string;
  /** Ends it with this signal and waits until it is gone. */
  readonly end: (signal: "SIGTERM" | "SIGKILL") => Promise<void>;
  /** Closes the channel to it, as a parent that dies does, and waits until it is gone. */
  readonly abandon: () => Promise<void>;
}

const Ready = z.object({ type: z.literal("ready"), facts: z.object({ url: z.string() }) });

const awaitReady = async (child: ChildProcess, output: () => string): Promise<string> => {
  const exited = once(child, "exit").then(() => {
    throw new Error(`the manager ended before it was ready: ${output()}`);
  });
  const [message] = (await Promise.race([once(child, "message"), exited])) as readonly unknown[];
  return Ready.parse(message).facts.url;
};

/** Starts the manager as the start script does: a process of its own, configured by the environment. */
export const startManagerProcess = async (config: Readonly<Record<string, unknown>>): Promise<ManagerProcess> => {
  const child = fork(join(import.meta.dirname, "main.ts"), [], {
    env: {
      ...process.env,
      [partConfigVariable]: JSON.stringify({
        port: 0,
        publicBaseUrl: "http://gateway.test",
        acceptedToken,
        ...config,
      }),
    },
    execArgv: ["--disable-warning=ExperimentalWarning"],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const output = (): string => text;
  const isGone = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const url = await awaitReady(child, output);
  return {
    url,
    pid: child.pid ?? 0,
    output,
    end: async (signal) => {
      if (isGone()) return;
      const exit = once(child, "exit");
      child.kill(signal);
      await exit;
    },
    abandon: async () => {
      const exit = once(child, "exit");
      child.disconnect();
      await exit;
    },
  };
};
