import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { fileSecretStore } from "../shared/adapters/files/secret-store.ts";
import type { EngineChoice } from "./docker/choose-engine.ts";
import { ensureToolboxAt } from "./docker/toolbox-image.ts";
import { operatorOrgId, projectId } from "./identity-provider/seed.ts";
import type { SupervisedPart } from "./process/supervised-part.ts";
import type { Keys, Ports } from "./settings.ts";

/** Where simulations run, or why they cannot here, in whole sentences. */
export type SimulationsChoice =
  Exclude<EngineChoice, { kind: "absent" }> | { readonly kind: "off"; readonly reason: string };

interface Options {
  /** Absolute. */
  readonly dataDirectory: string;
  readonly ports: Ports;
  readonly keys: Keys;
  readonly engine: Exclude<EngineChoice, { kind: "absent" }>;
  readonly at: { readonly gateway: string; readonly functions: string; readonly identityProvider: string };
  readonly start: (name: string, directory: string, config: unknown) => Promise<SupervisedPart>;
}

/** Simulations leave the machine half of its memory. */
const memoryShare = 0.5;
/** Nodes mostly wait: processors are promised several times. */
const cpuPromises = 16;

const writeSecretFile = (directory: string, name: string, value: string): string => {
  const file = join(directory, name);
  writeFileSync(file, value, { mode: 0o600 });
  return file;
};

/** A key of the control plane, by which the host asks whose tenant somebody acts for. */
const serviceKeyFile = async (directory: string): Promise<string> => {
  const name = "service-key-a";
  await fileSecretStore(directory).createIfAbsent(name, `ksk_${randomBytes(32).toString("base64url")}`);
  return join(directory, name);
};

const hostSettings = (
  { dataDirectory, ports, keys, at }: Options,
  socketPath: string,
  files: Record<string, string>,
) => {
  const directory = join(dataDirectory, "sim-host");
  return {
    SIM_PORT: String(ports.simHost),
    SIM_DATA_DIRECTORY: directory,
    DOCKER_SOCKET: socketPath,
    SIM_MEMORY_MEGABYTES: String(Math.floor((totalmem() * memoryShare) / 1_000_000)),
    SIM_CPUS: String(availableParallelism() * cpuPromises),
    // What was started with the platform ends with it; the next start makes it again.
    SIM_ON_SHUTDOWN: "remove",
    PUBLIC_BASE_URL: at.gateway,
    CONTROL_PLANE_URL: at.functions,
    OIDC_ISSUER: at.identityProvider,
    OIDC_JWKS_URI: `${at.identityProvider}/oauth/v2/keys`,
    OIDC_PROJECT_ID: projectId,
    OPERATOR_ORG_ID: operatorOrgId,
    GATEWAY_KEY_FILE: writeSecretFile(directory, "gateway-key", keys.simHost),
    ...files,
  };
};

/** Starts the engine, if it is ours, and the simulation host on it. @throws Error naming what did not start */
export const startSimulations = async (options: Options): Promise<void> => {
  const { dataDirectory, engine, start } = options;
  const directory = join(dataDirectory, "sim-host");
  mkdirSync(directory, { recursive: true });
  const socketPath =
    engine.kind === "machine"
      ? engine.socketPath
      : String((await start("docker", "docker", { dataDirectory: join(dataDirectory, "docker") })).facts["socketPath"]);
  const toolbox = await ensureToolboxAt(socketPath);
  const images = [{ ...toolbox, summary: "BusyBox: a shell, a web server, and what tries networks" }];
  const imagesFile = join(directory, "images.json");
  writeFileSync(imagesFile, JSON.stringify(images, undefined, 2));
  const files = {
    SIM_IMAGES_FILE: imagesFile,
    SERVICE_KEY_FILE: await serviceKeyFile(join(dataDirectory, "secrets")),
  };
  await start("simHost", "sim-host", { settings: hostSettings(options, socketPath, files) });
};
