import { DocumentChanged, DocumentConflict } from "../documents/document-store.ts";
import type { Clock } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { RetryPolicy } from "../kernel/retry.ts";
import { retryContention } from "../kernel/retry.ts";
import type { FlagChange, FlagSet, FlagStore } from "./flag-store.ts";
import { changeKey } from "./flag-store.ts";
import type { Flag, FlagFields } from "./flag.ts";
import { flagsMax } from "./flag.ts";

interface Deps {
  readonly flags: FlagStore;
  readonly clock: Clock;
  readonly contention: RetryPolicy;
}

/**
 * Every change is the set's next revision, which whoever makes it then publishes. `by`: who did it, for the history.
 * `revision`: the flag's own that was read (If-Match).
 */
export interface EditFlags {
  /** @throws DomainError `conflict` when the key was ever used or the set is full */
  create(by: string, fields: FlagFields): Promise<Flag>;
  /** @throws DomainError `not-found`, `precondition-failed` */
  update(by: string, revision: number, fields: FlagFields): Promise<Flag>;
  /** Needs no revision: it must work at once, whatever else is being changed. Killing a killed flag changes nothing. */
  kill(by: string, key: string): Promise<Flag>;
  restore(by: string, key: string, revision: number): Promise<Flag>;
  /** For good: the flag is evaluated nowhere any more; its history and its key stay. */
  archive(by: string, key: string, revision: number): Promise<Flag>;
}

type Action = FlagChange["action"];
type Decide = (before: Flag | undefined, set: FlagSet) => Omit<Flag, "revision" | "updatedAt"> | undefined;

const noSuch = (): DomainError => new DomainError("not-found", "There is no flag with this key.");

const requireFlag = (flag: Flag | undefined): Flag => {
  if (flag === undefined || flag.archived) throw noSuch();
  return flag;
};

const requireRevision = (flag: Flag | undefined, revision: number): Flag => {
  const found = requireFlag(flag);
  if (found.revision === revision) return found;
  throw new DomainError("precondition-failed", "Somebody has changed the flag in the meantime. Read it again.");
};

const isContention = (error: unknown): boolean => error instanceof DocumentChanged || error instanceof DocumentConflict;

const makeChange =
  ({ flags, clock, contention }: Deps) =>
  (by: string, key: string, action: Action, decide: Decide): Promise<Flag> =>
    retryContention(contention, isContention, async () => {
      const set = await flags.readSet();
      const before = set.flags.find((flag) => flag.key === key);
      const decided = decide(before, set);
      if (decided === undefined) return requireFlag(before);
      const revision = set.revision + 1;
      const at = clock().toISOString();
      const after: Flag = { ...decided, revision, updatedAt: at };
      const id = changeKey(key, revision);
      const change: FlagChange = {
        ...{ id, kind: "flag-change", key: id, revision, flag: key, action, by, at },
        ...{ before: before ?? null, after },
      };
      const all =
        before === undefined ? [...set.flags, after] : set.flags.map((flag) => (flag === before ? after : flag));
      await flags.writeSet({ revision, updatedAt: at, flags: all, changes: [change] }, set.revision);
      return after;
    });

export const makeEditFlags = (deps: Deps): EditFlags => {
  const change = makeChange(deps);
  return {
    create: (by, fields) =>
      change(by, fields.key, "create", (before, set) => {
        if (before !== undefined) throw new DomainError("conflict", `The key ${fields.key} is or was another flag's.`);
        if (set.flags.length >= flagsMax) throw new DomainError("conflict", `There can be ${flagsMax} flags at most.`);
        return { ...fields, killed: false, archived: false };
      }),
    update: (by, revision, fields) =>
      change(by, fields.key, "update", (before) => ({ ...requireRevision(before, revision), ...fields })),
    kill: (by, key) =>
      change(by, key, "kill", (before) =>
        requireFlag(before).killed ? undefined : { ...requireFlag(before), killed: true },
      ),
    restore: (by, key, revision) =>
      change(by, key, "restore", (before) => ({ ...requireRevision(before, revision), killed: false })),
    archive: (by, key, revision) =>
      change(by, key, "archive", (before) => ({ ...requireRevision(before, revision), archived: true })),
  };
};
