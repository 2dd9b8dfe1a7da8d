import type { DocumentContainer, DocumentStore, Stored } from "../documents/document-store.ts";
import { DocumentChanged } from "../documents/document-store.ts";
import type { RetryPolicy } from "../kernel/retry.ts";
import { retryContention } from "../kernel/retry.ts";
import { isPlaceable } from "./capacity-rules.ts";
import { Instance, instancesContainer } from "./instance.ts";

export interface InstanceStore {
  /** @throws DocumentConflict when the id is taken in its pool */
  create(instance: Instance): Promise<void>;
  read(pool: string, id: string): Promise<Instance | undefined>;
  find(id: string): Promise<Instance | undefined>;
  /** Members of a pool (or of all) in one state, oldest first; 500 at most. */
  list(filter: { readonly pool?: string; readonly status?: Instance["status"] }): Promise<readonly Instance[]>;
  /** The newest 500 members in any state, newest first, and older ones in service: what decisions about a pool rest on. */
  members(pool: string): Promise<readonly Instance[]>;
  /** Members with a free slot on which tenants may be put, emptiest first. */
  withRoom(pool: string, limit: number): Promise<readonly Instance[]>;
  /** Applies `change` to the newest version under If-Match; undefined from `change` leaves it. */
  update(pool: string, id: string, change: (instance: Instance) => Instance | undefined): Promise<Instance | undefined>;
}

const listMax = 500;

const valuesOf = (found: readonly Stored<Instance>[]): readonly Instance[] => found.map(({ value }) => value);

const membersOf = async (instances: DocumentContainer<Instance>, pool: string): Promise<readonly Instance[]> => {
  const newestFirst = {
    partition: pool,
    orderBy: { member: "sortKey", direction: "descending" },
    limit: listMax,
  } as const;
  const newest = valuesOf(await instances.query(newestFirst));
  const last = newest.at(-1);
  if (last === undefined || newest.length < listMax) return newest;
  const range = { sortKey: { lessThan: last.sortKey } };
  return [...newest, ...valuesOf(await instances.query({ ...newestFirst, equal: { status: "active" }, range }))];
};

export const openInstanceStore = (store: DocumentStore, contention: RetryPolicy): InstanceStore => {
  const instances = store.container(instancesContainer, (raw) => Instance.parse(raw));
  return {
    create: async (instance) => {
      await instances.create(instance);
    },
    read: async (pool, id) => (await instances.read(pool, id))?.value,
    find: async (id) => valuesOf(await instances.query({ equal: { id }, limit: 1 }))[0],
    list: async ({ pool, status }) =>
      valuesOf(
        await instances.query({
          ...(pool === undefined ? {} : { partition: pool }),
          ...(status === undefined ? {} : { equal: { status } }),
          orderBy: { member: "sortKey", direction: "ascending" },
          limit: listMax,
        }),
      ),
    members: (pool) => membersOf(instances, pool),
    async withRoom(pool, limit) {
      const emptiest = await instances.query({
        partition: pool,
        equal: { status: "active" },
        orderBy: { member: "used", direction: "ascending" },
        limit: listMax,
      });
      return valuesOf(emptiest)
        .filter((instance) => isPlaceable(instance) && instance.used < instance.capacity)
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
