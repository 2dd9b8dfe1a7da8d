import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { ApiClient } from "./api-client.ts";
import { expectStatus } from "./api-client.ts";

const Instance = z.object({
  id: z.string(),
  status: z.string(),
  region: z.string(),
  publicEndpoint: z.string().nullable(),
  internalEndpoint: z.string().nullable(),
  currentTenants: z.number(),
  maxTenants: z.number(),
  failure: z.string().nullable(),
});
export type JourneyInstance = z.infer<typeof Instance>;
const Instances = z.object({ instances: z.array(Instance) });

const pauseMilliseconds = 500;
const provisioningMillisecondsMax = 150_000;

/** Instances in service. */
export const listInstances = async (api: ApiClient, token: string): Promise<readonly JourneyInstance[]> =>
  Instances.parse(expectStatus(await api({ path: "/api/admin/instances?status=active", token }), 200)).instances;

/** Provisions an instance unless one is in service, and waits until it is. */
export const provisionInstance = async (api: ApiClient, token: string): Promise<JourneyInstance> => {
  const [existing] = await listInstances(api, token);
  if (existing !== undefined) return existing;
  const headers = { "idempotency-key": "local-journey" };
  const accepted = await api({ method: "POST", path: "/api/admin/instances", token, body: {}, headers });
  const { id } = Instance.parse(expectStatus(accepted, 202));
  const deadline = performance.now() + provisioningMillisecondsMax;
  for (;;) {
    const instance = Instance.parse(expectStatus(await api({ path: `/api/admin/instances/${id}`, token }), 200));
    if (instance.status === "active") return instance;
    if (instance.status === "failed") throw new Error(`The instance failed: ${instance.failure ?? "without a reason"}`);
    if (performance.now() > deadline) throw new Error(`The instance ${id} was not active within 150 seconds.`);
    await sleep(pauseMilliseconds);
  }
};
