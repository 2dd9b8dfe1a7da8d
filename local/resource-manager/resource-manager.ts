import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { deploymentRoutes } from "./deployment-routes.ts";
import { Deployments } from "./deployments.ts";
import { injectFaults } from "./fault-injection.ts";
import { faultRoutes } from "./fault-routes.ts";
import { openFaults } from "./faults.ts";
import { groupRoutes, type RouteContext } from "./group-routes.ts";
import { listenArm } from "./http-server.ts";
import { Instances, type InstancesOptions } from "./instances.ts";
import { type GroupRecord, groupKey } from "./records.ts";
import { resourceRoutes } from "./resource-routes.ts";
import { openSecretFiles } from "./secret-files.ts";
import { openState, type State } from "./state.ts";

export interface ResourceManagerOptions extends Omit<
  InstancesOptions,
  "log" | "instanceEnvironment" | "version" | "secrets"
> {
  /** On 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  /** The bearer token of every call. */
  readonly acceptedToken: string;
  readonly instanceEnvironment?: Readonly<Record<string, string>>;
  /** What instances are said to run; without it, what the program says of itself (a distribution's build may not know). */
  readonly pocketbaseVersion?: string | undefined;
  /** Groups that exist from the start; an operator makes them in Azure, before anything is deployed. */
  readonly resourceGroups?: readonly Omit<GroupRecord, "tags">[];
  /** Gets one line for people per event worth knowing; no secrets. */
  readonly log?: (line: string) => void;
}

export interface ResourceManager {
  /** The endpoint for ARM clients, without a slash at the end. */
  readonly url: string;
  /** Stops answering, lets steps under way end, and stops every PocketBase gracefully. */
  readonly stop: () => Promise<void>;
}

const askVersion = async (executable: string): Promise<string> => {
  const { stdout } = await promisify(execFile)(executable, ["--version"], { timeout: 15_000, killSignal: "SIGKILL" });
  return stdout.trim().split(/\s+/).at(-1) ?? "";
};

const ensureGroups = ({ groups }: State, wanted: ResourceManagerOptions["resourceGroups"] = []): void => {
  for (const group of wanted) {
    const key = groupKey(group.subscriptionId, group.name);
    if (groups.get(key) === undefined) groups.put(key, { ...group, tags: {} });
  }
};

/**
 * Starts the local stand-in for Azure Resource Manager: the deployments and resources REST API, as far as Stack instances
 * need it, with a real PocketBase for each. Goes on where the last run on this data directory ended, however it ended.
 * @throws Error when another manager works on the data directory or the port is taken
 */
export const startResourceManager = async (options: ResourceManagerOptions): Promise<ResourceManager> => {
  const log = options.log ?? ((): void => undefined);
  const version = options.pocketbaseVersion ?? (await askVersion(options.pocketbasePath));
  const state = openState(options.dataDirectory);
  ensureGroups(state, options.resourceGroups);
  const secrets = openSecretFiles(options.dataDirectory);
  const instances = new Instances(state, {
    ...options,
    log,
    version,
    secrets,
    publicBaseUrl: options.publicBaseUrl.replace(/\/+$/, ""),
    instanceEnvironment: options.instanceEnvironment ?? {},
  });
  const deployments = new Deployments({ state, instances, secrets, log });
  let url = "";
  const context: RouteContext = { state, instances, deployments, version, url: () => url };
  const faults = openFaults(state);
  const routes = [
    ...faultRoutes(faults),
    ...deploymentRoutes(context),
    ...groupRoutes(context),
    ...resourceRoutes(context),
  ];
  const injection = injectFaults(state, faults);
  const { port, server } = await listenArm({ ...options, routes, injection, log }).catch((error: unknown) => {
    state.close();
    throw error;
  });
  url = `http://127.0.0.1:${port}`;
  instances.resume();
  deployments.resume();
  return {
    url,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await deployments.close();
      await instances.close();
      state.close();
    },
  };
};
