import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { operatorOrgId } from "../local/identity-provider/seed.ts";
import type { ApiClient } from "../local/journey/api-client.ts";
import { expectStatus, makeApiClient } from "../local/journey/api-client.ts";
import { freePort } from "../local/process/free-port.ts";
import {
  pocketBaseEnvironment,
  startPocketBase,
  stopPocketBase,
  upsertSuperuser,
} from "../local/process/pocketbase-process.ts";
import { superuserEmail } from "../shared/secrets/secret-store.ts";
import type { BenchPlatform } from "./bench-platform.ts";
import type { Pair } from "./harness.ts";
import { timed } from "./harness.ts";

const Instance = z.object({ id: z.string(), status: z.string() });
const pauseMilliseconds = 50;
const deadlineMilliseconds = 120_000;

const provision = (api: ApiClient, token: string): Promise<number> =>
  timed(async () => {
    const begin = performance.now();
    const accepted = await api({ method: "POST", path: "/api/admin/instances", token, body: {} });
    const { id } = Instance.parse(expectStatus(accepted, 202));
    for (;;) {
      const { status } = Instance.parse(expectStatus(await api({ path: `/api/admin/instances/${id}`, token }), 200));
      if (status === "active") return;
      if (status !== "provisioning") throw new Error(`The instance ${id} is ${status}.`);
      if (performance.now() - begin > deadlineMilliseconds) throw new Error(`The instance ${id} takes too long.`);
      await sleep(pauseMilliseconds);
    }
  });

const bareStart = async (executable: string, directory: string): Promise<number> => {
  const dataDirectory = join(directory, "pb_data");
  const settings = {
    ...{ executable, dataDirectory, port: await freePort(), logPath: join(directory, "pocketbase.log") },
    env: pocketBaseEnvironment(),
  };
  let pid: number | undefined;
  const milliseconds = await timed(async () => {
    await upsertSuperuser(settings, { email: superuserEmail, password: randomBytes(24).toString("base64url") });
    ({ pid } = await startPocketBase(settings));
  });
  if (pid !== undefined) await stopPocketBase(pid, dataDirectory);
  return milliseconds;
};

/**
 * An instance from `POST /api/admin/instances` until tenants can be placed on it, against the bare start of a PocketBase
 * with a superuser until it is healthy. The difference is the price of the workflow that survives a kill at any step: the
 * check before (what-if), the deployment and its polling at the pace the resource manager asks for (Retry-After), the
 * hooks, settings and system collections, and the operation's and the orchestration's records between all of these. It is
 * mostly waiting, and does not grow with the instance; there is no other program to compare it with.
 */
export const instanceProvisioning = (platform: BenchPlatform, directory: string): Pair => ({
  name: "instance provisioned",
  bound: { kind: "difference", max: 5000 },
  measured: "POST /api/admin/instances until active",
  baseline: "bare PocketBase until healthy",
  rounds: 5,
  warmUp: 1,
  open: async () => {
    const api = makeApiClient(platform.gatewayUrl);
    const token = await platform.tokenFor(operatorOrgId, "300000000000001001");
    let bare = 0;
    return {
      measure: () => provision(api, token),
      compare: () => bareStart(platform.pocketbasePath, join(directory, `bare-${(bare += 1)}`)),
      close: () => Promise.resolve(),
    };
  },
});
