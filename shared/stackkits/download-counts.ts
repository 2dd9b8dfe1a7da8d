import type { DocumentStore } from "../documents/document-store.ts";
import { DocumentChanged, DocumentConflict } from "../documents/document-store.ts";
import { z } from "zod";
import { tenantKitsContainer } from "./tenant-container.ts";

const DownloadCount = z.object({
  /** `<kit>@<version>` */
  id: z.string(),
  tenantId: z.string(),
  count: z.int().min(0),
  lastAt: z.string(),
});
type DownloadCount = z.infer<typeof DownloadCount>;

/** Two at once are rare; a count is not worth more than this. */
const attemptsMax = 5;

export interface DownloadCounts {
  readonly forTenant: (tenantId: string) => {
    readonly add: (kitId: string, version: string, at: Date) => Promise<void>;
    readonly read: (kitId: string, version: string) => Promise<number>;
  };
}

/** How often each tenant took each version. Resumed parts are no downloads of their own. */
export const openDownloadCounts = (documents: DocumentStore): DownloadCounts => {
  const container = documents.container(tenantKitsContainer, (raw) => DownloadCount.parse(raw));
  const addOnce = async (fresh: DownloadCount): Promise<boolean> => {
    try {
      const found = await container.read(fresh.tenantId, fresh.id);
      if (found === undefined) await container.create(fresh);
      else await container.replace({ ...fresh, count: found.value.count + 1 }, found.etag);
      return true;
    } catch (error) {
      if (error instanceof DocumentConflict || error instanceof DocumentChanged) return false;
      throw error;
    }
  };
  return {
    forTenant: (tenantId) => ({
      add: async (kitId, version, at) => {
        const fresh = { id: `${kitId}@${version}`, tenantId, count: 1, lastAt: at.toISOString() };
        for (let attempt = 0; attempt < attemptsMax; attempt += 1) if (await addOnce(fresh)) return;
      },
      read: async (kitId, version) => (await container.read(tenantId, `${kitId}@${version}`))?.value.count ?? 0,
    }),
  };
};
