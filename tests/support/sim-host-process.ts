import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { waitUntil } from "../../local/process/wait-until.ts";
import { audience } from "./control-plane.ts";
import type { ControlPlane } from "./control-plane.ts";
import type { TestEngine } from "./docker-engine.ts";

/** By which hosts of tests know their gateway. */
export const gatewayKey = "test-gateway-key";
const sourceEntry = fileURLToPath(new URL("../../sim-host/main.ts", import.meta.url));

interface Options {
  readonly directory: string;
  readonly socketPath: string;
  readonly toolbox: TestEngine["toolbox"];
  readonly controlPlane: ControlPlane;
  readonly settings?: Readonly<Record<string, string>>;
  /** Another build of the program than its source. */
  readonly entry?: string;
  /** What starts Node, as `setpriv ... --`; it must become Node, not wait for it. */
  readonly prefix?: readonly string[];
}

/** A simulation host as it runs on its VM: a process of its own, on a real engine. */
export interface SimHostProcess {
  readonly url: string;
  readonly child: ChildProcess;
  readonly log: () => string;
  /** As its owner would not: everything it was doing ends there. */
  kill(): Promise<void>;
  /** In order. */
  stop(): Promise<void>;
}

const settingsOf = ({
  directory,
  socketPath,
  toolbox,
  controlPlane,
  settings = {},
}: Options): Record<string, string> => {
  mkdirSync(directory, { recursive: true });
  const file = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text, { mode: 0o600 });
    return join(directory, name);
  };
  return {
    SIM_PORT: "0",
    SIM_DATA_DIRECTORY: join(directory, "data"),
    DOCKER_SOCKET: socketPath,
    SIM_IMAGES_FILE: file("images.json", JSON.stringify([{ ...toolbox, summary: "for tests" }])),
    SIM_MEMORY_MEGABYTES: "16000",
    SIM_CPUS: "64",
    PUBLIC_BASE_URL: "http://localhost:8000",
    CONTROL_PLANE_URL: controlPlane.url,
    SERVICE_KEY_FILE: file("service-key", "ksk_test"),
    GATEWAY_KEY_FILE: file("gateway-key", gatewayKey),
    OIDC_ISSUER: controlPlane.url,
    OIDC_JWKS_URI: `${controlPlane.url}/keys`,
    OIDC_PROJECT_ID: audience,
    OPERATOR_ORG_ID: "operators",
    ...settings,
  };
};

const urlOf = (message: unknown): string | undefined => {
  if (typeof message !== "object" || message === null || !("facts" in message)) return undefined;
  const { facts } = message;
  return typeof facts === "object" && facts !== null && "url" in facts ? String(facts.url) : undefined;
};

/** Starts a host and waits until it listens, two minutes at most. @throws Error with its log when it ends before */
export const startSimHost = async (options: Options): Promise<SimHostProcess> => {
  const { entry = sourceEntry, prefix = [] } = options;
  const [program, ...args] = [...prefix, process.execPath, "--disable-warning=ExperimentalWarning", entry];
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { PATH: process.env["PATH"], ...settingsOf(options) },
  });
  let log = "";
  let url: string | undefined;
  const note = (chunk: Buffer): void => void (log += chunk.toString());
  child.stdout?.on("data", note);
  child.stderr?.on("data", note);
  child.on("message", (message) => (url = urlOf(message)));
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  };
  await waitUntil(() => Promise.resolve(url !== undefined || child.exitCode !== null), 120_000);
  if (url === undefined) throw new Error(`The host ended before it listened.\n${log}`);
  return { url, child, log: () => log, kill: () => end("SIGKILL"), stop: () => end("SIGTERM") };
};

/** Calls the API as the gateway does, for somebody of a tenant. */
export const simClient = (host: () => SimHostProcess, controlPlane: ControlPlane, tenantId: string) => {
  const call = async (method: string, path: string, body?: unknown): Promise<Response> =>
    fetch(`${host().url}/v1/simulations${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await controlPlane.token(tenantId)}`,
        "x-kombify-gateway-key": gatewayKey,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
  return { call };
};
