import type { AcceptEvent } from "../events/accept-event.ts";
import type { PlatformAlert, RaiseAlert } from "../events/raise-alert.ts";
import type { Clock } from "../kernel/clock.ts";
import { isoAfter } from "../kernel/clock.ts";
import type { Directory, DirectoryEvent } from "./directory.ts";
import type { DirectoryStore, Progress } from "./directory-store.ts";
import { progressId } from "./directory-store.ts";
import type { SettleOrganisation } from "./sync-organisation.ts";
import type { SettleUser } from "./settle-user.ts";
import type { UserStore } from "./user-store.ts";
import { incomingOf } from "./zitadel-event.ts";

interface ReconcileDeps {
  readonly entries: DirectoryStore;
  readonly users: Pick<UserStore, "due">;
  readonly directory: Pick<Directory, "eventsFrom">;
  readonly acceptEvent: AcceptEvent;
  readonly settleUser: SettleUser;
  readonly settleOrganisation: SettleOrganisation;
  readonly raiseAlert: RaiseAlert;
  readonly clock: Clock;
}

/**
 * Reads the identity provider's log, because its webhooks are never repeated, and accepts what is not known yet. Gives
 * how many events no webhook had told of.
 */
export type ReconcileDirectory = () => Promise<number>;

/** Commits and their `created_at` may come in another order than they are read. */
const overlapMilliseconds = 5 * 60_000;
/** A call that is younger may still be on its way: not a missed one. */
const graceMilliseconds = 90_000;
const leaseMilliseconds = 5 * 60_000;
const runMilliseconds = 45_000;
const pageSize = 500;
const missedKept = 20;
const dueMax = 100;

const begin = (leaseUntil: string): Progress => ({
  ...{ id: progressId, kind: "progress", cursor: null, isFirstOver: false, leaseUntil },
  ...{ lastRunAt: null, missedCount: 0, missed: [] },
});

type Missed = Progress["missed"][number];

/** Undefined while somebody else reads. The lease is also the token by which its holder is known. */
const takeLease = async (entries: DirectoryStore, now: Date): Promise<Progress | undefined> => {
  const leaseUntil = isoAfter(now, leaseMilliseconds);
  const last = { isFree: false };
  const progress = await entries.progress.change((current = begin("")) => {
    last.isFree = current.leaseUntil <= now.toISOString();
    return last.isFree ? { ...current, leaseUntil } : undefined;
  });
  return last.isFree ? progress : undefined;
};

const note = (
  entries: DirectoryStore,
  held: Progress,
  next: Partial<Progress>,
  missed: readonly Missed[] = [],
): Promise<unknown> =>
  entries.progress.change((current) => {
    if (current?.leaseUntil !== held.leaseUntil) return undefined;
    const latest = [...current.missed, ...missed].slice(-missedKept);
    return { ...current, ...next, missed: latest, missedCount: current.missedCount + missed.length };
  });

/** The newer of two instants; either may be unknown. */
const newerOf = (one: string | null, other: string | null): string | null =>
  [one, other].reduce((newest, each) =>
    newest !== null && each !== null && each < newest ? newest : (each ?? newest),
  );

/** Reads page after page; each is noted, so that a reading that is cut short goes on where it was. */
const makeReadLog = ({ entries, directory, acceptEvent, clock }: ReconcileDeps) => {
  const acceptPage = async (page: readonly DirectoryEvent[]): Promise<Missed[]> => {
    const bound = clock().getTime() - graceMilliseconds;
    const missed: Missed[] = [];
    for (const event of page) {
      const incoming = incomingOf(event);
      if (incoming === undefined) continue;
      const { isNew } = await acceptEvent(incoming);
      const { type, createdAt: occurredAt, aggregateId } = event;
      if (isNew && Date.parse(occurredAt) < bound) missed.push({ type, aggregateId, occurredAt });
    }
    return missed;
  };
  return async (held: Progress): Promise<Missed[]> => {
    const end = clock().getTime() + runMilliseconds;
    const all: Missed[] = [];
    let since = held.cursor === null ? null : isoAfter(new Date(held.cursor), -overlapMilliseconds);
    let { cursor } = held;
    for (;;) {
      const page = await directory.eventsFrom(since, pageSize);
      // What was there before we first looked is no call that got lost.
      const missed = (await acceptPage(page)).filter(() => held.isFirstOver);
      all.push(...missed);
      const last = page.at(-1)?.createdAt ?? null;
      cursor = newerOf(cursor, last);
      const isOver = page.length < pageSize;
      await note(entries, held, { cursor, ...(isOver ? { isFirstOver: true } : {}) }, missed);
      if (isOver || clock().getTime() > end) return all;
      // A whole page of one instant would be read for ever.
      since = last === since && last !== null ? isoAfter(new Date(last), 1) : last;
    }
  };
};

/** The alert about calls that never came; the same for the same first one. */
const driftOf = (missed: readonly Missed[], first: Missed): PlatformAlert => ({
  id: `directory-drift.${first.type}.${first.aggregateId}.${Date.parse(first.occurredAt)}`,
  type: "directory.events-missed",
  data: { count: missed.length, first: first.occurredAt, types: [...new Set(missed.map(({ type }) => type))] },
});

export const makeReconcileDirectory = (deps: ReconcileDeps): ReconcileDirectory => {
  const { entries, users, settleUser, settleOrganisation, raiseAlert, clock } = deps;
  const readLog = makeReadLog(deps);
  const settleDue = async (): Promise<void> => {
    for (const { id } of await users.due(dueMax)) await settleUser(id);
    for (const { orgId } of await entries.dueOrganisations(dueMax)) await settleOrganisation(orgId);
  };
  return async () => {
    const held = await takeLease(entries, clock());
    if (held === undefined) return 0;
    try {
      await settleDue();
      const missed = await readLog(held);
      const [first] = missed;
      if (first !== undefined) await raiseAlert(driftOf(missed, first));
      await note(entries, held, { lastRunAt: clock().toISOString() });
      return missed.length;
    } finally {
      await note(entries, held, { leaseUntil: clock().toISOString() });
    }
  };
};

/** For operators: how far the log has been read, and what webhooks had missed. */
export const describeProgress = (progress: Progress | undefined, now: Date) => {
  const { cursor, lastRunAt, missedCount, missed } = progress ?? begin("");
  const secondsSinceLastRun = lastRunAt === null ? null : Math.round((now.getTime() - Date.parse(lastRunAt)) / 1000);
  return { cursor, lastRunAt, secondsSinceLastRun, missedCount, missed };
};
