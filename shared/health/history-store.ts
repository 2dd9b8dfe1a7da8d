import { z } from "zod";
import type { DocumentStore } from "../documents/document-store.ts";
import type { RetryPolicy } from "../kernel/retry.ts";
import type { HistorySpan } from "./fleet-view.ts";
import { changeDocument, healthContainer, readAll } from "./health-container.ts";
import { Bucket, chunkOf } from "./history.ts";

/** Closed steps of one instance: 60 minutes, 24 hours or a month of days in one document, so that few are written. */
const HistoryChunk = z.object({
  id: z.string(),
  instanceId: z.string(),
  kind: z.enum(["history-minutes", "history-hours", "history-days"]),
  sortKey: z.string(),
  buckets: z.array(Bucket),
  expiresAt: z.string(),
});
export type HistoryChunk = z.infer<typeof HistoryChunk>;

export interface HistoryStore {
  /** Puts closed steps into their chunks; a step that is there already is left, so this may be repeated. */
  keep(instanceId: string, span: HistorySpan, buckets: readonly Bucket[]): Promise<void>;
  /** Chunks of all instances that may hold steps from then on. */
  since(span: HistorySpan, fromIso: string): Promise<readonly HistoryChunk[]>;
}

export const openHistoryStore = (store: DocumentStore, contention: RetryPolicy): HistoryStore => {
  const chunks = store.container(healthContainer, (raw) => HistoryChunk.parse(raw));
  const add = async (instanceId: string, span: HistorySpan, bucket: Bucket): Promise<void> => {
    const { from, expiresAt } = chunkOf(span, bucket.from);
    const id = `${span}-${from}`;
    await changeDocument(chunks, contention, { partition: instanceId, id }, (existing): HistoryChunk | undefined => {
      if (existing?.buckets.some((known) => known.from === bucket.from) === true) return undefined;
      const buckets = [...(existing?.buckets ?? []), bucket];
      return { id, instanceId, kind: `history-${span}`, sortKey: `${from}/${instanceId}`, buckets, expiresAt };
    });
  };
  return {
    async keep(instanceId, span, buckets) {
      for (const bucket of buckets) await add(instanceId, span, bucket);
    },
    since: (span, fromIso) => readAll(chunks, { kind: `history-${span}` }, chunkOf(span, fromIso).from),
  };
};
