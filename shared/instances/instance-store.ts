import type { DocumentStore, Stored } from "../documents/document-store.ts";
import { DocumentChanged } from "../documents/document-store.ts";
import type { RetryPolicy } from "../kernel/retry.ts";
import { retryContention } from "../kernel/retry.ts";
import { Instance, instancesContainer } from "./instance.ts";

export interface InstanceStore {
  /** @throws DocumentConflict when the id is taken in its pool */
  create(instance: Instance): Promise<void>;
  read(pool: string, id: string): Promise<Instance | undefined>;
  find(id: string): Promise<Instance | undefined>;
  /** Members of a pool (or of all) in one state, oldest first; 500 at most. */
  list(filter: { readonly pool?: string; readonly status?: Instance["status"] }): Promise<readonly Instance[]>;
  /** Active members with a free slot, emptiest first. */
  withRoom(pool: string, limit: number): Promise<readonly Instance[]>;
  /** Applies `change` to the newest version under If-Match; undefined from `change` leaves it. */
  update(pool: string, id: string, change: (instance: Instance) => Instance | undefined): Promise<Instance | undefined>;
}

const listMax = 500;

export const openInstanceStore = (store: DocumentStore, contention: RetryPolicy): InstanceStore => {
  const instances = store.container(instancesContainer, (raw) => Instance.parse(raw));
  const values = (found: readonly Stored<Instance>[]): readonly Instance[] => found.map(({ value }) => value);
  return {
    create: async (instance) => {
      await instances.create(instance);
    },
    read: async (pool, id) => (await instances.read(pool, id))?.value,
    find: async (id) => values(await instances.query({ equal: { id }, limit: 1 }))[0],
    list: async ({ pool, status }) =>
      values(
        await instances.query({
          ...(pool === undefined ? {} : { partition: pool }),
          ...(status === undefined ? {} : { equal: { status } }),
          orderBy: { member: "sortKey", direction: "ascending" },
          limit: listMax,
        }),
      ),
    async withRoom(pool, limit) {
      const emptiest = await instances.query({
        partition: pool,
        equal: { status: "active" },
        orderBy: { member: "used", direction: "ascending" },
        limit: listMax,
      });
      return values(emptiest)
        .filter((instance) => instance.used < instance.capacity)
        .slice(0, limit);
    },
    update: (pool, id, change) =>
      retryContention(
        contention,
        (error) => error instanceof DocumentChanged,
        async () => {
          const found = await instances.read(pool, id);
          if (found === undefined) return undefined;
          const next = change(found.value);
          return next === undefined ? found.value : (await instances.replace(next, found.etag)).value;
        },
      ),
  };
};
