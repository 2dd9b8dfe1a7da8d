import { z } from "zod";
import type { DocumentStore } from "../documents/document-store.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Logger } from "../kernel/logger.ts";
import type { RetryPolicy } from "../kernel/retry.ts";
import { changeDocument, healthContainer, readAll } from "./health-container.ts";

const RefusalReason = z.object({ reason: z.string(), count: z.int().positive(), lastAt: z.string() });
export type RefusalReason = z.infer<typeof RefusalReason>;

/** Reports in an instance's name that were refused: how many, why, and the last of them. */
const Refusals = z.object({
  id: z.literal("refusals"),
  instanceId: z.string(),
  kind: z.literal("refusals"),
  sortKey: z.string(),
  count: z.int().positive(),
  /** The latest last. Releases before this one counted without the reasons. */
  reasons: z.array(RefusalReason).default([]),
  last: z.array(z.object({ at: z.string(), reason: z.string() })),
  expiresAt: z.string(),
});
export type Refusals = z.infer<typeof Refusals>;

export interface RefusalLog {
  /** Counts a refused report of an instance that exists. */
  note(instanceId: string, reason: string): Promise<void>;
  all(): Promise<readonly Refusals[]>;
}

interface RefusalLogDeps {
  readonly clock: Clock;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  readonly contention: RetryPolicy;
  readonly log: Logger;
}

const lastMax = 5;
const reasonsMax = 10;
const otherReasons = "other reasons";
const keptMilliseconds = 31 * 24 * 60 * 60_000;
/**
 * Anybody may send refused reports. The first for a reason is written at once, and what follows in this time with one
 * write at its end: that is all that a flood causes in a worker, and all that a worker's end can lose.
 */
const windowMilliseconds = 5_000;
/** Windows in which the store may refuse what is counted before it is given up. */
const failuresMax = 12;

/** With one more reason; of too many the oldest become "other reasons". */
const withReason = (reasons: readonly RefusalReason[], more: RefusalReason): readonly RefusalReason[] => {
  const before = reasons.find(({ reason }) => reason === more.reason)?.count ?? 0;
  const all = [...reasons.filter(({ reason }) => reason !== more.reason), { ...more, count: before + more.count }];
  const oldest = all.find(({ reason }) => reason !== otherReasons);
  if (all.length <= reasonsMax || oldest === undefined) return all;
  const rest = all.filter((each) => each !== oldest);
  return withReason(rest, { ...oldest, reason: otherReasons });
};

const withRefusals = (existing: Refusals | undefined, instanceId: string, more: readonly RefusalReason[]): Refusals => {
  const newest = more.toSorted((one, other) => one.lastAt.localeCompare(other.lastAt));
  const at = newest.at(-1)?.lastAt ?? new Date(0).toISOString();
  return {
    id: "refusals",
    instanceId,
    kind: "refusals",
    sortKey: instanceId,
    count: newest.reduce((sum, { count }) => sum + count, existing?.count ?? 0),
    reasons: [...newest.reduce(withReason, existing?.reasons ?? [])],
    last: [...(existing?.last ?? []), ...newest.map(({ lastAt, reason }) => ({ at: lastAt, reason }))].slice(-lastMax),
    expiresAt: new Date(Date.parse(at) + keptMilliseconds).toISOString(),
  };
};

/** The refusals of one instance from the first until a window passes without any. */
interface Spell {
  readonly instanceId: string;
  /** Reasons that were written at once. */
  readonly seen: Set<string>;
  unwritten: readonly RefusalReason[];
}

type Write = (spell: Spell) => Promise<void>;

/** At the end of each window what came in it is written; the first one without news is the last. */
const writeInWindows = async (spell: Spell, write: Write, { sleep, log }: RefusalLogDeps): Promise<void> => {
  for (let failures = 0; failures < failuresMax;) {
    await sleep(windowMilliseconds);
    if (spell.unwritten.length === 0) return;
    try {
      await write(spell);
      failures = 0;
    } catch (error) {
      failures += 1;
      const { instanceId } = spell;
      log.warn("refused reports could not be counted", { instanceId, failures, error: String(error) });
    }
  }
};

export const openRefusalLog = (store: DocumentStore, deps: RefusalLogDeps): RefusalLog => {
  const refusals = store.container(healthContainer, (raw) => Refusals.parse(raw));
  const spells = new Map<string, Spell>();

  const write: Write = async (spell) => {
    const { instanceId, unwritten } = spell;
    spell.unwritten = [];
    try {
      await changeDocument(refusals, deps.contention, { partition: instanceId, id: "refusals" }, (existing) =>
        withRefusals(existing, instanceId, unwritten),
      );
    } catch (error) {
      spell.unwritten = spell.unwritten.reduce(withReason, unwritten);
      throw error;
    }
  };

  const begin = (instanceId: string): Spell => {
    const spell: Spell = { instanceId, seen: new Set(), unwritten: [] };
    spells.set(instanceId, spell);
    // Goes on behind the answer, and ends by itself.
    void writeInWindows(spell, write, deps).finally(() => spells.delete(instanceId));
    return spell;
  };

  return {
    async note(instanceId, said) {
      const lastAt = deps.clock().toISOString();
      const spell = spells.get(instanceId) ?? begin(instanceId);
      const isNew = !spell.seen.has(said) && spell.seen.size < reasonsMax;
      if (isNew) spell.seen.add(said);
      // An instance that signs what it likes can be wrong in endless ways: memory and writes are bounded all the same.
      const reason = spell.seen.has(said) ? said : otherReasons;
      spell.unwritten = withReason(spell.unwritten, { reason, count: 1, lastAt });
      if (isNew) await write(spell);
    },
    all: () => readAll(refusals, { kind: "refusals" }),
  };
};
