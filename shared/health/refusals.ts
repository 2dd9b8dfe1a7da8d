import { z } from "zod";
import type { DocumentStore } from "../documents/document-store.ts";
import type { Clock } from "../kernel/clock.ts";
import type { RetryPolicy } from "../kernel/retry.ts";
import { changeDocument, healthContainer, readAll } from "./health-container.ts";

/** Reports in an instance's name that were refused: how many, and the last of them. */
const Refusals = z.object({
  id: z.literal("refusals"),
  instanceId: z.string(),
  kind: z.literal("refusals"),
  sortKey: z.string(),
  count: z.int().positive(),
  last: z.array(z.object({ at: z.string(), reason: z.string() })),
  expiresAt: z.string(),
});
export type Refusals = z.infer<typeof Refusals>;

export interface RefusalLog {
  /** Counts a refused report of an instance that exists. */
  note(instanceId: string, reason: string): Promise<void>;
  all(): Promise<readonly Refusals[]>;
}

const lastMax = 5;
const keptMilliseconds = 31 * 24 * 60 * 60_000;
/** Anybody may send refused reports. One write in this time and worker is all they cause; the others are only counted. */
const writeSpacingMilliseconds = 5_000;
const trackedMax = 1_000;

export const openRefusalLog = (store: DocumentStore, clock: Clock, contention: RetryPolicy): RefusalLog => {
  const refusals = store.container(healthContainer, (raw) => Refusals.parse(raw));
  const unwritten = new Map<string, { count: number; writtenAt: number }>();

  const write = (instanceId: string, reason: string, more: number): Promise<unknown> => {
    const now = clock();
    const at = now.toISOString();
    return changeDocument(refusals, contention, { partition: instanceId, id: "refusals" }, (existing): Refusals => ({
      id: "refusals",
      instanceId,
      kind: "refusals",
      sortKey: instanceId,
      count: (existing?.count ?? 0) + more,
      last: [...(existing?.last ?? []), { at, reason }].slice(-lastMax),
      expiresAt: new Date(now.getTime() + keptMilliseconds).toISOString(),
    }));
  };

  return {
    async note(instanceId, reason) {
      const now = clock().getTime();
      const known = unwritten.get(instanceId);
      if (known !== undefined && now - known.writtenAt < writeSpacingMilliseconds) {
        known.count += 1;
        return;
      }
      if (unwritten.size >= trackedMax) unwritten.clear();
      unwritten.set(instanceId, { count: 0, writtenAt: now });
      await write(instanceId, reason, (known?.count ?? 0) + 1);
    },
    all: () => readAll(refusals, { kind: "refusals" }),
  };
};
