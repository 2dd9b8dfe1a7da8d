import { z } from "zod";
import type { DocumentStore, Stored } from "../documents/document-store.ts";
import { DocumentChanged, DocumentConflict } from "../documents/document-store.ts";
import type { Clock } from "../kernel/clock.ts";
import { isoAfter } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import { tenantKitsContainer } from "./tenant-container.ts";

const Turn = z.object({
  id: z.literal("turn"),
  tenantId: z.string(),
  /** ISO 8601 UTC: over by then, also when its owner was killed. */
  until: z.string(),
});
type Turn = z.infer<typeof Turn>;

interface Deps {
  readonly documents: DocumentStore;
  readonly clock: Clock;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Every request to the Stack is bounded; an install makes a few of them. */
const turnMilliseconds = 60_000;
const pauseMilliseconds = 50;
/** 20 seconds in all: longer than several installs take. */
const attemptsMax = 400;

/**
 * Lets one caller after the other change a tenant's Stack: what was checked (ports, names, dependencies) still holds when it
 * is written. @throws DomainError `conflict` when it is not the caller's turn within 20 seconds
 */
export type TakeTurn = <T>(tenantId: string, act: () => Promise<T>) => Promise<T>;

export const makeTakeTurn = ({ documents, clock, sleep }: Deps): TakeTurn => {
  const turns = documents.container(tenantKitsContainer, (raw) => Turn.parse(raw));

  const tryTo = async (tenantId: string): Promise<Stored<Turn> | undefined> => {
    const now = clock();
    const turn: Turn = { id: "turn", tenantId, until: isoAfter(now, turnMilliseconds) };
    try {
      const found = await turns.read(tenantId, "turn");
      if (found === undefined) return await turns.create(turn);
      return found.value.until > now.toISOString() ? undefined : await turns.replace(turn, found.etag);
    } catch (error) {
      if (error instanceof DocumentConflict || error instanceof DocumentChanged) return undefined;
      throw error;
    }
  };

  const end = async ({ value, etag }: Stored<Turn>): Promise<void> => {
    try {
      await turns.delete(value.tenantId, value.id, etag);
    } catch (error) {
      // Ours was over, and the next one has begun.
      if (!(error instanceof DocumentChanged)) throw error;
    }
  };

  return async (tenantId, act) => {
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const turn = await tryTo(tenantId);
      if (turn === undefined) {
        await sleep(pauseMilliseconds);
        continue;
      }
      try {
        return await act();
      } finally {
        await end(turn);
      }
    }
    throw new DomainError("conflict", "Kits are being installed in this Stack at the moment. Try again in a minute.");
  };
};
