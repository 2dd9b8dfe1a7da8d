import { z } from "zod";
import { catalogContainer } from "../documents/catalog-container.ts";
import type { Document, DocumentContainer, DocumentStore } from "../documents/document-store.ts";
import { DocumentChanged, DocumentConflict } from "../documents/document-store.ts";
import { DomainError } from "../kernel/errors.ts";
import type { KitIndexVersion } from "./kit-index.ts";
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

/** A version with the archive that it is now: trials of another one say nothing about it. */
type KnownVersion = Pick<KitIndexVersion, "version" | "sha256">;

export interface KitTrials {
  readonly forTenant: (tenantId: string) => {
    /** Keeps the newest; a passed one proves the version for everybody. Safe to repeat. */
    readonly keep: (kitId: string, version: string, trial: KitTrial) => Promise<void>;
    readonly newest: (kitId: string, version: KnownVersion) => Promise<KitTrial | undefined>;
  };
  /** The newest trial of anybody that passed. */
  readonly proof: (kitId: string, version: KnownVersion) => Promise<KitProof | undefined>;
}

const attemptsMax = 5;

const isNewer = (one: Dated, other: Dated): boolean => one.sha256 !== other.sha256 || one.endedAt > other.endedAt;

interface Dated {
  readonly sha256: string;
  readonly endedAt: string;
}

/** Writes unless what is there is of the same archive and as new. @throws DomainError `unavailable` when others write all the time */
const keepNewest = async <T extends Document>(
  container: DocumentContainer<T>,
  { partition, document, datedOf }: { partition: string; document: T; datedOf: (value: T) => Dated },
): Promise<void> => {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    try {
      const found = await container.read(partition, document.id);
      if (found === undefined) await container.create(document);
      else if (isNewer(datedOf(document), datedOf(found.value))) await container.replace(document, found.etag);
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
          datedOf: (value) => value.trial,
        });
        if (trial.status !== "passed") return;
        const { sha256, endedAt, images, assertions } = trial;
        await keepNewest(proofs, {
          partition: proofKind,
          document: { id: nameOf(kitId, version), kind: proofKind, sha256, endedAt, images, assertions },
          datedOf: (value) => value,
        });
      },
      async newest(kitId, { version, sha256 }) {
        const trial = (await own.read(tenantId, `trial:${nameOf(kitId, version)}`))?.value.trial;
        return trial?.sha256 === sha256 ? trial : undefined;
      },
    }),
    async proof(kitId, { version, sha256 }) {
      const found = (await proofs.read(proofKind, nameOf(kitId, version)))?.value;
      if (found?.sha256 !== sha256) return undefined;
      const { endedAt, images, assertions } = found;
      return { sha256, endedAt, images, assertions };
    },
  };
};
