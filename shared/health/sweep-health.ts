import { z } from "zod";
import type { DocumentStore } from "../documents/document-store.ts";
import { DocumentChanged } from "../documents/document-store.ts";
import type { Clock } from "../kernel/clock.ts";
import { healthContainer } from "./health-container.ts";

/** Removes what has expired; answers how much. At most 20 pages of 500 in one call. */
export type SweepHealth = () => Promise<number>;

const Expiring = z.looseObject({ id: z.string(), instanceId: z.string(), expiresAt: z.string() });
const pageSize = 500;
const pagesMax = 20;

export const makeSweepHealth = (store: DocumentStore, clock: Clock): SweepHealth => {
  const documents = store.container(healthContainer, (raw) => Expiring.parse(raw));
  /** False: it was written meanwhile, so it is in use. */
  const remove = async (instanceId: string, id: string, etag: string): Promise<boolean> => {
    try {
      await documents.delete(instanceId, id, etag);
      return true;
    } catch (error) {
      if (error instanceof DocumentChanged) return false;
      throw error;
    }
  };
  return async () => {
    let removed = 0;
    for (let page = 0; page < pagesMax; page += 1) {
      const range = { expiresAt: { lessThan: clock().toISOString() } };
      const orderBy = { member: "expiresAt", direction: "ascending" as const };
      const found = await documents.query({ range, orderBy, limit: pageSize });
      for (const { value, etag } of found) if (await remove(value.instanceId, value.id, etag)) removed += 1;
      if (found.length < pageSize) break;
    }
    return removed;
  };
};
