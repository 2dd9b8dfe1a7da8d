import type PocketBase from "pocketbase";
import type { RecordSubscription } from "pocketbase";
import type { Read } from "../page/shape.ts";

interface LiveListOptions<T> {
  readonly collection: string;
  readonly read: Read<T>;
  /** PocketBase's form: `name`, `-created`. */
  readonly sort: string;
  readonly compare: (left: T, right: T) => number;
  readonly onChange: (items: readonly T[], total: number) => void;
}

export interface LiveList {
  /** Reads everything anew: at the start, and after the stream of changes was interrupted. */
  readonly load: () => Promise<void>;
  /** From now on changes that others make are shown as they happen. */
  readonly subscribe: () => Promise<void>;
}

const itemsMax = 500;

/** The records of one collection, kept up to date. Shows the first 500 in order. */
export const liveList = <T extends { readonly id: string }>(
  pocketbase: PocketBase,
  { collection, read, sort, compare, onChange }: LiveListOptions<T>,
): LiveList => {
  const records = pocketbase.collection(collection);
  const items = new Map<string, T>();
  let unseen = 0;
  const tell = (): void => onChange([...items.values()].sort(compare).slice(0, itemsMax), items.size + unseen);
  const take = ({ action, record }: RecordSubscription): void => {
    if (action === "delete") items.delete(record.id);
    else items.set(record.id, read(record));
    tell();
  };
  return {
    load: async () => {
      const page = await records.getList(1, itemsMax, { sort });
      items.clear();
      for (const record of page.items) items.set(record.id, read(record));
      unseen = page.totalItems - page.items.length;
      tell();
    },
    subscribe: async () => {
      await records.subscribe("*", take);
    },
  };
};
