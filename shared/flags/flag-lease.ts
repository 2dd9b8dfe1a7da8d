import type { Stored } from "../documents/document-store.ts";
import { DocumentChanged, DocumentConflict } from "../documents/document-store.ts";
import type { Clock } from "../kernel/clock.ts";
import { isoAfter } from "../kernel/clock.ts";
import type { FlagRollout, FlagStore } from "./flag-store.ts";

interface Deps {
  readonly flags: Pick<FlagStore, "readRollout" | "writeRollout">;
  readonly clock: Clock;
}

/** The sole right to write to one instance. */
export interface FlagLease {
  /** What was known of the instance before. */
  readonly before: FlagRollout;
  /** For another 30 s. @throws DocumentChanged when it ran out and somebody else has it */
  renew(): Promise<void>;
  /** Says what came of it and lets others in. @throws DocumentChanged as `renew` */
  end(outcome: Pick<FlagRollout, "revision" | "digest" | "status" | "cause" | "failures">): Promise<void>;
}

/** A worker that is killed keeps others out for this long. */
const leaseMilliseconds = 30_000;

export const isLeased = ({ leaseUntil }: FlagRollout, now: Date): boolean =>
  leaseUntil !== null && leaseUntil > now.toISOString();

const unknownRollout = (id: string, updatedAt: string): FlagRollout => ({
  ...{ id, kind: "flag-rollout", revision: 0, digest: "", status: "new", cause: null },
  ...{ failures: 0, leaseUntil: null, updatedAt },
});

/**
 * Undefined: somebody else is at it. Two workers on one instance could bring back what the newer of them took away, as
 * PocketBase writes without conditions. What the instance has counts as unknown until `end`.
 */
export const takeFlagLease = async ({ flags, clock }: Deps, instanceId: string): Promise<FlagLease | undefined> => {
  const found = await flags.readRollout(instanceId);
  const before = found?.value ?? unknownRollout(instanceId, clock().toISOString());
  if (isLeased(before, clock())) return undefined;
  const leased = (): FlagRollout => ({ ...before, digest: "", leaseUntil: isoAfter(clock(), leaseMilliseconds) });
  let held: Stored<FlagRollout>;
  try {
    held = await flags.writeRollout(leased(), found?.etag);
  } catch (error) {
    if (error instanceof DocumentChanged || error instanceof DocumentConflict) return undefined;
    throw error;
  }
  return {
    before,
    renew: async () => {
      held = await flags.writeRollout(leased(), held.etag);
    },
    end: async (outcome) => {
      const updatedAt = clock().toISOString();
      held = await flags.writeRollout({ ...before, ...outcome, leaseUntil: null, updatedAt }, held.etag);
    },
  };
};
