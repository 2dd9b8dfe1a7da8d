import type { CollectionModel } from "pocketbase";
import { tenantCollections } from "../shared/stack/collections.ts";
import type { BenchPlatform } from "./bench-platform.ts";
import type { Pair } from "./harness.ts";
import { timed } from "./harness.ts";

const provision = async (platform: BenchPlatform, number: number): Promise<number> => {
  const token = await platform.tokenFor(`bench-org-${number}`, `bench-person-${number}`);
  return timed(async () => {
    const answer = await fetch(`${platform.functionsUrl}/api/tenant`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-functions-key": platform.functionsKey,
        authorization: `Bearer ${token}`,
      },
      body: JSON.stringify({ name: `Bench ${number}`, slug: `bench-${number}` }),
    });
    const text = await answer.text();
    if (answer.status !== 201) throw new Error(`Provisioning answered ${answer.status}: ${text}`);
  });
};

const bareImport = async ({ superuser }: BenchPlatform, number: number): Promise<number> => {
  const scope = { tenantId: `barebenchmark${String(number).padStart(4, "0")}`, namespace: `bare_${number}` };
  // The SDK types what it sends as what it receives; these are import definitions.
  const collections = tenantCollections(scope) as unknown as CollectionModel[];
  return timed(() => superuser.collections.import(collections, false));
};

/**
 * A tenant through `POST /api/tenant`, everything included (token, slug, operation, slot, row, collections), against the
 * bare `collections.import` of the very same collections. Both make them on the same instance, which grows by one
 * tenant's collections with each, stays below its 50 tenants, and takes longer for each: hence rounds in turn. Not in the
 * measured time: the caller's access token. Not in the baseline: the tenant's row, without which nobody could sign in.
 */
export const tenantProvisioning = (platform: BenchPlatform): Pair => ({
  name: "tenant provisioned",
  bound: { kind: "ratio", max: 2.5 },
  measured: "POST /api/tenant",
  baseline: "collections.import",
  rounds: 15,
  warmUp: 3,
  open: () => {
    let [made, bare] = [0, 0];
    return Promise.resolve({
      measure: () => provision(platform, (made += 1)),
      compare: () => bareImport(platform, (bare += 1)),
      close: () => Promise.resolve(),
    });
  },
});
