import type { Deployment, DeploymentExtended } from "@azure/arm-resourcesdeployments";
import type { ArmClients, ListedResource } from "../../shared/adapters/arm/clients.ts";

export type ArmFault = "none" | "unreachable" | "busy" | "broken" | "answer-lost" | "acceptance-lost" | "conflict";

export interface ArmScenario {
  /** How a deployment ends: both resources, or only the first and an error. */
  readonly ending: "succeeds" | "fails-half-way" | "refused";
  readonly deploySeconds: number;
  readonly removeSeconds: number;
  /** What befalls the calls, one after the other; none when the list is used up. */
  readonly faults: readonly ArmFault[];
  /** Seconds from the start in which nothing answers. */
  readonly outage: { readonly from: number; readonly seconds: number };
}

interface ModelDeployment {
  readonly instanceId: string;
  readonly since: number;
  readonly ending: ArmScenario["ending"];
  state: "Running" | "Succeeded" | "Failed" | "Canceled";
}

interface ModelResource {
  readonly id: string;
  readonly type: string;
  readonly instanceId: string;
  goneAt?: number;
}

const identityType = "Microsoft.ManagedIdentity/userAssignedIdentities";
const appType = "Microsoft.App/containerApps";

/** An error as the SDK throws it. */
export const armError = (status: number, code: string, message: string, retryAfter?: string): Error =>
  Object.assign(new Error(message), {
    statusCode: status,
    code,
    response: {
      bodyAsText: JSON.stringify({ error: { code, message } }),
      headers: { get: (name: string) => (name === "retry-after" ? retryAfter : undefined) },
    },
  });

const unreachable = (): Error => Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });

const failures: Readonly<Record<string, () => Error>> = {
  unreachable,
  busy: () => armError(429, "TooManyRequests", "Too many requests.", "7"),
  broken: () => armError(503, "ServiceUnavailable", "Try again."),
  conflict: () => armError(409, "Conflict", "Another operation is in progress."),
};

/** ARM with a memory: what it accepted goes on whatever becomes of its clients. `clock` in milliseconds. */
export const armModel = (
  scenario: ArmScenario,
  clock: () => number,
  mortal: <T>(act: () => Promise<T>) => Promise<T>,
) => {
  const start = clock();
  const faults = [...scenario.faults];
  const deployments = new Map<string, ModelDeployment>();
  const resources = new Map<string, ModelResource>();
  let ending = scenario.ending;

  const put = (type: string, instanceId: string): void => {
    const id = `/subscriptions/s/resourceGroups/g/providers/${type}/${instanceId}`;
    if (!resources.has(id)) resources.set(id, { id, type, instanceId });
  };
  /** Lets pass what has happened meanwhile. */
  const catchUp = (): void => {
    const now = clock();
    for (const deployment of deployments.values()) {
      if (deployment.state !== "Running") continue;
      const age = (now - deployment.since) / 1000;
      if (age >= scenario.deploySeconds / 2) put(identityType, deployment.instanceId);
      if (age < scenario.deploySeconds) continue;
      if (deployment.ending === "succeeds") put(appType, deployment.instanceId);
      deployment.state = deployment.ending === "succeeds" ? "Succeeded" : "Failed";
    }
    for (const [id, { goneAt }] of resources) if (goneAt !== undefined && goneAt <= now) resources.delete(id);
  };
  const call = <T>(act: () => T): Promise<T> =>
    mortal(async () => {
      catchUp();
      const elapsed = (clock() - start) / 1000 - scenario.outage.from;
      const isOut = elapsed >= 0 && elapsed < scenario.outage.seconds;
      const fault = isOut ? "unreachable" : (faults.shift() ?? "none");
      const failure = failures[fault];
      if (failure !== undefined) throw failure();
      const result = await Promise.resolve(act());
      if (fault === "answer-lost") throw unreachable();
      return result;
    });
  const find = (name: string): ModelDeployment => {
    const found = deployments.get(name);
    if (found === undefined) throw armError(404, "DeploymentNotFound", `Deployment '${name}' could not be found.`);
    return found;
  };
  const bodyOf = ({ state, instanceId }: ModelDeployment): DeploymentExtended => ({
    properties: {
      provisioningState: state,
      ...(state === "Succeeded"
        ? { outputs: { internalEndpoint: { value: `http://${instanceId}` }, publicEndpoint: { value: "http://p" } } }
        : {}),
      ...(state === "Failed" ? { error: { code: "DeploymentFailed", message: "At least one failed." } } : {}),
    },
  });
  const submit = (name: string, deployment: Deployment): void => {
    if (ending === "refused") throw armError(400, "InvalidTemplateDeployment", "QuotaExceeded in westeurope");
    if (deployments.get(name)?.state === "Running") throw armError(409, "DeploymentActive", "It is active.");
    const instanceId = String(deployment.properties.parameters?.["instanceName"]?.value);
    if (faults[0] === "acceptance-lost") faults.shift();
    else deployments.set(name, { instanceId, since: clock(), ending, state: "Running" });
  };
  async function* listed<T>(items: () => readonly T[]): AsyncGenerator<T> {
    yield* await call(items);
  }

  const clients: ArmClients = {
    plan: () => call(() => ({ status: "Succeeded", changes: [] })),
    submit: (name, deployment) => call(() => submit(name, deployment)),
    get: (name) => call(() => ({ body: bodyOf(find(name)), retryAfter: "3" })),
    operations: () =>
      listed(() => [
        {
          properties: {
            provisioningState: "Failed",
            statusMessage: { error: { code: "QuotaExceeded", message: "No cores are left." } },
          },
        },
      ]),
    cancel: (name) =>
      call(() => {
        const found = find(name);
        if (found.state !== "Running") throw armError(409, "DeploymentCannotBeCancelled", "It has ended.");
        found.state = "Canceled";
      }),
    forget: (name) =>
      call(() => {
        if (find(name).state === "Running") throw armError(409, "DeploymentActive", "It is active.");
        deployments.delete(name);
      }),
    list: () => listed<ListedResource>(() => [...resources.values()]),
    remove: (id) =>
      call(() => {
        const resource = resources.get(id);
        if (resource === undefined) return;
        const isNeeded = resource.type === identityType && [...resources.values()].some(({ type }) => type === appType);
        if (isNeeded) throw armError(409, "InUse", "Something depends on it.");
        resource.goneAt ??= clock() + scenario.removeSeconds * 1000;
      }),
  };
  return {
    clients,
    deployments: () => (catchUp(), [...deployments.values()].map(({ state }) => state)),
    resources: () => (catchUp(), [...resources.values()].map(({ type }) => type).sort()),
    hasApp: () => (
      catchUp(),
      [...resources.values()].some(({ type, goneAt }) => type === appType && goneAt === undefined)
    ),
    succeedFromNowOn: () => (ending = "succeeds"),
  };
};
