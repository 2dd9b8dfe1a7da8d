import { setTimeout as sleep } from "node:timers/promises";
import PocketBase, { BaseAuthStore, ClientResponseError } from "pocketbase";
import { z } from "zod";
import type { ApiClient } from "./api-client.ts";
import { expectStatus } from "./api-client.ts";

const Tenant = z.object({ id: z.string(), slug: z.string(), status: z.string(), namespace: z.string() });
export type JourneyTenant = z.infer<typeof Tenant>;
const Launch = z.object({ redirectUrl: z.string(), token: z.string(), expiresAt: z.string() });
const Session = z.object({
  token: z.string(),
  record: z.looseObject({ id: z.string(), collectionId: z.string(), collectionName: z.string() }),
  tenant: z.object({ instance: z.object({ id: z.string(), publicEndpoint: z.string() }) }),
});
const Node = z.looseObject({ id: z.string(), name: z.string() });
export type JourneyNode = z.infer<typeof Node>;

const activationMillisecondsMax = 90_000;
const pauseMilliseconds = 400;
const requestTimeoutMilliseconds = 15_000;

/** Provisions the organisation's tenant, or finds the one it has, and waits until it is active. */
export const provisionTenant = async (
  api: ApiClient,
  token: string,
  wanted: { readonly name: string; readonly slug: string },
): Promise<JourneyTenant> => {
  const headers = { "idempotency-key": `local-journey-${wanted.slug}` };
  expectStatus(await api({ method: "POST", path: "/api/tenant", token, body: wanted, headers }), 201, 202, 409);
  const deadline = performance.now() + activationMillisecondsMax;
  for (;;) {
    const tenant = Tenant.parse(expectStatus(await api({ path: "/api/tenant", token }), 200));
    if (tenant.status === "active") return tenant;
    if (performance.now() > deadline) throw new Error(`The tenant is still ${tenant.status} after 90 seconds.`);
    await sleep(pauseMilliseconds);
  }
};

/** A client of one tenant's Stack, signed in as the person who launched it. */
export interface StackClient {
  readonly instanceId: string;
  readonly publicEndpoint: string;
  /** Finds the node of this name, or creates it; reads it back. */
  keepNode(namespace: string, name: string): Promise<JourneyNode>;
  /** Names of the services that belong to an installation. @throws Error when there is none */
  lookAtServices(namespace: string, installation: string): Promise<readonly string[]>;
  /** What this person sees of another tenant's nodes: how many in the list, and the status of asking by id. */
  look(namespace: string, nodeId: string): Promise<{ readonly listed: number; readonly statusById: number }>;
}

const isPassing = (error: unknown): boolean =>
  error instanceof ClientResponseError && [0, 502, 503].includes(error.status);

/** The status of a refusal. @throws what is no answer, or none that stays */
const statusOf = (error: unknown): number => {
  if (error instanceof ClientResponseError && !isPassing(error)) return error.status;
  throw error;
};

const retryPassing = async <T>(act: () => Promise<T>): Promise<T> => {
  const deadline = performance.now() + activationMillisecondsMax;
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!isPassing(error) || performance.now() > deadline) throw error;
      await sleep(pauseMilliseconds);
    }
  }
};

const stackClient = ({ token, record, tenant: { instance } }: z.infer<typeof Session>): StackClient => {
  const client = new PocketBase(instance.publicEndpoint, new BaseAuthStore());
  client.authStore.save(token, record);
  client.autoCancellation(false);
  client.beforeSend = (url, options) => ({
    url,
    options: { ...options, signal: AbortSignal.timeout(requestTimeoutMilliseconds) },
  });
  return {
    instanceId: instance.id,
    publicEndpoint: instance.publicEndpoint,
    keepNode: (namespace, name) =>
      retryPassing(async () => {
        const nodes = client.collection(`nodes_${namespace}`);
        const filter = client.filter("name = {:name}", { name });
        const known = (await nodes.getList<JourneyNode>(1, 1, { filter })).items[0];
        const node =
          known ?? (await nodes.create<JourneyNode>({ name, kind: "physical", role: "storage", status: "online" }));
        return Node.parse(await nodes.getOne(node.id));
      }),
    lookAtServices: (namespace, installation) =>
      retryPassing(async () => {
        const services = client.collection(`services_${namespace}`);
        const filter = client.filter("name ~ {:name}", { name: `${installation}-%` });
        const found = (await services.getList<{ readonly name: string }>(1, 50, { filter })).items;
        if (found.length === 0) throw new Error(`The Stack has no service of ${installation}.`);
        return found.map(({ name }) => name);
      }),
    look: (namespace, nodeId) =>
      retryPassing(async () => {
        const nodes = client.collection(`nodes_${namespace}`);
        const listed = await nodes.getList(1, 50).then(
          ({ items }) => items.length,
          (error: unknown) => (statusOf(error) === 403 ? 0 : Promise.reject(error as Error)),
        );
        const statusById = await nodes.getOne(nodeId).then(() => 200, statusOf);
        return { listed, statusById };
      }),
  };
};

/** Launches the tenant and is exchanged. A token is good once: whatever goes wrong with it, the tenant is launched again. */
export const enterStack = async (api: ApiClient, token: string): Promise<StackClient> => {
  const deadline = performance.now() + activationMillisecondsMax;
  for (;;) {
    const launched = await api({ method: "POST", path: "/api/tenant/launch", token });
    const { redirectUrl, token: launchToken } = Launch.parse(expectStatus(launched, 200));
    const { pathname } = new URL(redirectUrl);
    try {
      const answer = await api({ method: "POST", path: pathname, body: { token: launchToken }, isSingleUse: true });
      return stackClient(Session.parse(expectStatus(answer, 200)));
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await sleep(pauseMilliseconds);
  }
};
