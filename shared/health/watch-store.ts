import type { DocumentStore } from "../documents/document-store.ts";
import type { RetryPolicy } from "../kernel/retry.ts";
import { changeDocument, healthContainer, readAll } from "./health-container.ts";
import { newWatch, Watch } from "./watch.ts";

export interface WatchStore {
  read(instanceId: string): Promise<Watch | undefined>;
  all(): Promise<readonly Watch[]>;
  /** Applies `change` to the newest version under If-Match, beginning with a fresh one; the same watch is not written. */
  change(instanceId: string, nowIso: string, change: (watch: Watch) => Watch | Promise<Watch>): Promise<Watch>;
}

export const openWatchStore = (store: DocumentStore, contention: RetryPolicy): WatchStore => {
  const watches = store.container(healthContainer, (raw) => Watch.parse(raw));
  return {
    read: async (instanceId) => (await watches.read(instanceId, "watch"))?.value,
    all: () => readAll(watches, { kind: "watch" }),
    change: async (instanceId, nowIso, change) => {
      const fresh = newWatch(instanceId, nowIso);
      const key = { partition: instanceId, id: "watch" };
      const changed = await changeDocument(watches, contention, key, async (existing) => {
        const next = await change(existing ?? fresh);
        return next === fresh ? undefined : next;
      });
      return changed ?? fresh;
    },
  };
};
