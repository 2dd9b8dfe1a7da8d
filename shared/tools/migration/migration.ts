import { z } from "zod";
import { migratedKinds, MigratedKind, SourcePlan } from "./plan-source.ts";

const Counts = z.object({
  /** Records read from the source. */
  read: z.number().int(),
  created: z.number().int(),
  updated: z.number().int(),
  unchanged: z.number().int(),
  /** Edited here since an earlier run, so the source's change was not taken. */
  kept: z.number().int(),
  /** Could not be mapped; every one has a finding. */
  unmapped: z.number().int(),
});
export type Counts = z.infer<typeof Counts>;

const Verified = z.object({
  /** Records in the source at the end. */
  source: z.number().int(),
  /** Documents here that come from them. */
  target: z.number().int(),
  /** Documents here whose record is gone from the source. */
  gone: z.number().int(),
  /** Documents whose contents are not what was written. */
  different: z.number().int(),
  isComplete: z.boolean(),
});
export type Verified = z.infer<typeof Verified>;

export const Phase = z.enum(["audit", ...migratedKinds, "verify", "done"]);
export type Phase = z.infer<typeof Phase>;

/** How far a migration is: kind `migration` of the container `catalog`; the id is the operation's. Never a credential. */
export const Migration = z.object({
  id: z.string(),
  kind: z.literal("migration"),
  key: z.string(),
  /** The organisation whose operation this is. */
  owner: z.string(),
  /** Base URL of the source. */
  from: z.string(),
  /** Name of the source: the same in every run, it makes ids stable. */
  source: z.string(),
  isDryRun: z.boolean(),
  phase: Phase,
  /** Last record id of the phase that is done with. */
  after: z.string(),
  plan: SourcePlan.nullable(),
  counts: z.partialRecord(MigratedKind, Counts),
  verified: z.partialRecord(MigratedKind, Verified),
  findings: z.number().int(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type Migration = z.infer<typeof Migration>;

export const FindingCode = z.enum([
  "name-missing",
  "tool-missing",
  "model-missing",
  "version-unreadable",
  "version-duplicate",
  "category-missing",
  "slug-changed",
  "text-repaired",
  "text-cut",
  "link-dropped",
  "tag-dropped",
  "date-missing",
  "score-dropped",
  "parent-dropped",
  "edited-here",
  "would-create",
  "would-update",
  "gone-at-source",
  "content-differs",
]);
export type FindingCode = z.infer<typeof FindingCode>;

/** Something to say about one record: kind `migration-finding`, found by its key `<migration>~...`. */
export const MigrationFinding = z.object({
  id: z.string(),
  kind: z.literal("migration-finding"),
  key: z.string(),
  of: MigratedKind,
  recordId: z.string(),
  code: FindingCode,
  detail: z.string(),
});
export type MigrationFinding = z.infer<typeof MigrationFinding>;

/** A remark of the mapping, about the record at hand. */
export interface Remark {
  readonly code: FindingCode;
  readonly detail: string;
}

export const noCounts: Counts = { read: 0, created: 0, updated: 0, unchanged: 0, kept: 0, unmapped: 0 };

export const nextPhase = (phase: Phase): Phase => {
  const phases = Phase.options;
  return phases[phases.indexOf(phase) + 1] ?? "done";
};
