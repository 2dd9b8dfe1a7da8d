import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { DocumentChanged, DocumentConflict } from "../documents/document-store.ts";
import type { Clock } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { RetryPolicy } from "../kernel/retry.ts";
import { retryContention } from "../kernel/retry.ts";
import type { FlagChange, FlagSet, FlagStore } from "./flag-store.ts";
import { changeKey } from "./flag-store.ts";
import type { Flag } from "./flag.ts";
import { flagsMax, ReceivedFlag } from "./flag.ts";

/** Contract C5. `flags`: the whole set; a flag that is not in it is archived. */
export const ReceivedFlags = z.strictObject({
  revision: z.int().min(1),
  flags: z
    .array(ReceivedFlag)
    .max(flagsMax)
    .refine(
      (flags) => new Set(flags.map(({ key }) => key)).size === flags.length,
      "Every key must be there once only.",
    ),
});
export type ReceivedFlags = z.infer<typeof ReceivedFlags>;

type Received = ReceivedFlags["flags"][number];

/**
 * Takes a set from another service of the platform as this revision. The same revision again changes nothing.
 * @throws DomainError `flags-revision-older` with the stored `revision`; `conflict`: the same revision with other flags
 */
export type ReceiveFlags = (received: ReceivedFlags) => Promise<FlagSet>;

const contentOf = ({ revision: _, updatedAt: __, archived: ___, ...content }: Flag): Received => content;

const byKey = (flags: readonly Received[]): readonly Received[] =>
  flags.toSorted((one, other) => (one.key < other.key ? -1 : 1));

const isSame = (set: FlagSet, flags: readonly Received[]): boolean =>
  isDeepStrictEqual(byKey(set.flags.filter(({ archived }) => !archived).map(contentOf)), byKey(flags));

/** Flags that did not change keep their own revision; those that are not named are archived. */
const merge = (set: FlagSet, { revision, flags }: ReceivedFlags, at: string) => {
  const old = new Map(set.flags.map((flag) => [flag.key, flag]));
  const wanted = new Map(flags.map((flag) => [flag.key, flag]));
  const keys = new Set([...old.keys(), ...wanted.keys()]);
  return [...keys].flatMap((key): { readonly before: Flag | null; readonly after: Flag }[] => {
    const before = old.get(key) ?? null;
    const next = wanted.get(key);
    if (next === undefined) {
      if (before === null) return [];
      return [{ before, after: before.archived ? before : { ...before, archived: true, revision, updatedAt: at } }];
    }
    const isKept = before !== null && !before.archived && isDeepStrictEqual(contentOf(before), next);
    return [{ before, after: isKept ? before : { ...next, archived: false, revision, updatedAt: at } }];
  });
};

interface Deps {
  readonly flags: FlagStore;
  readonly clock: Clock;
  readonly contention: RetryPolicy;
}

const refuseOlder = (set: FlagSet, { revision, flags }: ReceivedFlags): void => {
  if (revision < set.revision) {
    throw new DomainError("flags-revision-older", `The flags are at revision ${set.revision} already.`, {
      facts: { revision: set.revision },
    });
  }
  if (revision === set.revision && !isSame(set, flags)) {
    throw new DomainError("conflict", `Revision ${revision} has other flags; send a higher one.`, {
      facts: { revision: set.revision },
    });
  }
};

export const makeReceiveFlags = ({ flags, clock, contention }: Deps): ReceiveFlags => {
  const isContention = (error: unknown): boolean =>
    error instanceof DocumentChanged || error instanceof DocumentConflict;
  return (received) =>
    retryContention(contention, isContention, async () => {
      const set = await flags.readSet();
      refuseOlder(set, received);
      const { revision } = received;
      if (revision === set.revision) return set;
      const at = clock().toISOString();
      const merged = merge(set, received, at);
      if (merged.length > flagsMax) throw new DomainError("conflict", `There can be ${flagsMax} flags at most.`);
      const changes = merged
        .filter(({ before, after }) => before !== after)
        .map(({ before, after }): FlagChange => {
          const id = changeKey(after.key, revision);
          return {
            id,
            kind: "flag-change",
            key: id,
            revision,
            flag: after.key,
            action: "apply",
            by: "service",
            at,
            before,
            after,
          };
        });
      const next = { revision, updatedAt: at, flags: merged.map(({ after }) => after), changes };
      return flags.writeSet(next, set.revision);
    });
};
