import { z } from "zod";
import { catalogContainer } from "../documents/catalog-container.ts";
import type { Document, DocumentContainer, DocumentStore } from "../documents/document-store.ts";
import { DocumentChanged, DocumentConflict } from "../documents/document-store.ts";
import { DomainError } from "../kernel/errors.ts";
import { tenantKitsContainer } from "./tenant-container.ts";

const Text = z.string().min(1).max(500);

/** What came of one run of a version of a kit in a simulation: as the simulation host reports it, once or several times. */
export const KitTrial = z.strictObject({
  /** `trial-` and 20 characters; the same for every report of the same trial. */
  id: z.string().regex(/^trial-[a-z2-7]{20}$/),
  /** Of the archive that was tried. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  status: z.enum(["passed", "failed"]),
  /** Why it failed. */
  reason: Text.optional(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  simulationId: z.string().max(64),
  /** Absent when it never came to run. */
  runId: z.string().max(64).optional(),
  /** The engine's ids of what was run. */
  images: z.array(z.strictObject({ service: z.string().max(63), imageId: z.string().max(100) })).max(50),
  assertions: z.array(z.strictObject({ name: Text, verdict: z.string().max(20), reason: Text })).max(200),
});
export type KitTrial = z.infer<typeof KitTrial>;

/** What everybody is shown of a passed trial: not whose it was. */
export type KitProof = Pick<KitTrial, "sha256" | "endedAt" | "images" | "assertions">;

const OwnTrial = z.object({ id: z.string(), tenantId: z.string(), trial: KitTrial });
const Proof = z.object({
  id: z.string(),
  kind: z.literal("kit-proof"),
  sha256: z.string(),
  endedAt: z.string(),
  images: KitTrial.shape.images,
  assertions: KitTrial.shape.assertions,
});

export interface KitTrials {
  readonly forTenant: (tenantId: string) => {
    /** Keeps the newest; a passed one proves the version for everybody. Safe to repeat. */
    readonly keep: (kitId: string, version: string, trial: KitTrial) => Promise<void>;
    readonly newest: (kitId: string, version: string) => Promise<KitTrial | undefined>;
  };
  /** The newest trial of anybody that passed. */
  readonly proof: (kitId: string, version: string) => Promise<KitProof | undefined>;
}

const attemptsMax = 5;

/** Writes unless what is there is as new. @throws DomainError `unavailable` when others write all the time */
const keepNewest = async <T extends Document>(
  container: DocumentContainer<T>,
  { partition, document, endedAtOf }: { partition: string; document: T; endedAtOf: (value: T) => string },
): Promise<void> => {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    try {
      const found = await container.read(partition, document.id);
      if (found === undefined) await container.create(document);
      else if (endedAtOf(found.value) < endedAtOf(document)) await container.replace(document, found.etag);
      return;
    } catch (error) {
      if (!(error instanceof DocumentConflict || error instanceof DocumentChanged)) throw error;
    }
  }
  throw new DomainError("unavailable", "Others write the same at the moment. Try again shortly.");
};

const proofKind = "kit-proof";

/** What trials of kits came to: each tenant's own, and for everybody that a version passed one. */
export const openKitTrials = (documents: DocumentStore): KitTrials => {
  const own = documents.container(tenantKitsContainer, (raw) => OwnTrial.parse(raw));
  const proofs = documents.container(catalogContainer, (raw) => Proof.parse(raw));
  const nameOf = (kitId: string, version: string): string => `${kitId}@${version}`;
  return {
    forTenant: (tenantId) => ({
      async keep(kitId, version, trial) {
        await keepNewest(own, {
          partition: tenantId,
          document: { id: `trial:${nameOf(kitId, version)}`, tenantId, trial },
          endedAtOf: (value) => value.trial.endedAt,
        });
        if (trial.status !== "passed") return;
        const { sha256, endedAt, images, assertions } = trial;
        await keepNewest(proofs, {
          partition: proofKind,
          document: { id: nameOf(kitId, version), kind: proofKind, sha256, endedAt, images, assertions },
          endedAtOf: (value) => value.endedAt,
        });
      },
      newest: async (kitId, version) => (await own.read(tenantId, `trial:${nameOf(kitId, version)}`))?.value.trial,
    }),
    async proof(kitId, version) {
      const found = await proofs.read(proofKind, nameOf(kitId, version));
      if (found === undefined) return undefined;
      const { sha256, endedAt, images, assertions } = found.value;
      return { sha256, endedAt, images, assertions };
    },
  };
};
