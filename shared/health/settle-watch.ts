import type { AlertStore } from "./alert.ts";
import { alertOf } from "./alert.ts";
import type { HistoryStore } from "./history-store.ts";
import { spans } from "./history.ts";
import type { IncidentStore } from "./incident-store.ts";
import type { Watch } from "./watch.ts";

interface SettleWatchDeps {
  readonly history: Pick<HistoryStore, "keep">;
  readonly incidents: Pick<IncidentStore, "record">;
  readonly alerts: Pick<AlertStore, "add">;
  /** Whether anybody wants to be told of incidents. */
  readonly isAlerting: boolean;
}

/**
 * Carries out what a watch has decided: closed steps into their chunks, the incident into its document, and the message
 * about it into the outbox, not before the end of a maintenance. Repeating it changes nothing.
 */
export type SettleWatch = (watch: Watch, quietUntil: string | undefined) => Promise<void>;

export const makeSettleWatch =
  ({ history, incidents, alerts, isAlerting }: SettleWatchDeps): SettleWatch =>
  async ({ instanceId, history: { closed }, incident }, quietUntil) => {
    for (const span of spans) {
      const buckets = closed.filter((each) => each.span === span).map(({ bucket }) => bucket);
      await history.keep(instanceId, span, buckets);
    }
    if (incident === null || incident.isRecorded) return;
    await incidents.record(instanceId, incident);
    // A worse state tells nobody again: the message of the opening has the same id and is there already.
    const dueAt = quietUntil ?? incident.resolvedAt ?? incident.openedAt;
    if (isAlerting) await alerts.add(alertOf(instanceId, incident, dueAt));
  };
