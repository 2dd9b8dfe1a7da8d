import { z } from "zod";
import type { DocumentStore } from "../documents/document-store.ts";
import { DocumentChanged, DocumentConflict } from "../documents/document-store.ts";
import type { Clock } from "../kernel/clock.ts";
import { isoAfter } from "../kernel/clock.ts";
import type { Logger } from "../kernel/logger.ts";
import type { SecretStore } from "../secrets/secret-store.ts";
import { healthContainer } from "./health-container.ts";
import type { CurrentIncident } from "./incident.ts";
import type { SendWebhook } from "./ports.ts";
import { newWebhookSecret, webhookHeaders } from "./webhook-signature.ts";

/** One message of the outbox: written before it is sent, kept until it has gone or was given up. */
const Alert = z.object({
  id: z.string(),
  instanceId: z.string(),
  kind: z.literal("alert"),
  state: z.enum(["pending", "sent", "failed"]),
  /** The bytes that are sent, the same on every attempt. */
  body: z.string(),
  attempts: z.int().nonnegative(),
  dueAt: z.string(),
  detail: z.string().nullable(),
  createdAt: z.string(),
  expiresAt: z.string(),
});
export type Alert = z.infer<typeof Alert>;

const attemptsMax = 10;
const firstPauseMilliseconds = 10_000;
const pauseMaxMilliseconds = 60 * 60_000;
const keptMilliseconds = 31 * 24 * 60 * 60_000;
const batchMax = 20;
const secretName = "alert-webhook";

export interface AlertStore {
  /** Writes the message unless it is there already. */
  add(alert: Alert): Promise<void>;
  find(instanceId: string, id: string): Promise<Alert | undefined>;
  /** Takes the due messages: each is this caller's until its next `dueAt`. */
  takeDue(now: Date): Promise<readonly Alert[]>;
  /** Messages that were given up, newest first. */
  failed(limit: number): Promise<readonly Alert[]>;
  /** Notes what came of an attempt, unless somebody else has taken the message meanwhile. */
  settle(taken: Alert, outcome: Pick<Alert, "state" | "detail">): Promise<void>;
}

const pauseAfter = (attempts: number): number =>
  Math.min(pauseMaxMilliseconds, firstPauseMilliseconds * 2 ** (attempts - 1));

const unlessLost = async <T>(write: Promise<T>): Promise<T | undefined> => {
  try {
    return await write;
  } catch (error) {
    if (error instanceof DocumentChanged || error instanceof DocumentConflict) return undefined;
    throw error;
  }
};

export const openAlertStore = (store: DocumentStore): AlertStore => {
  const alerts = store.container(healthContainer, (raw) => Alert.parse(raw));
  return {
    add: async (alert) => {
      await unlessLost(alerts.create(alert));
    },
    find: async (instanceId, id) => (await alerts.read(instanceId, id))?.value,
    async takeDue(now) {
      const due = await alerts.query({
        equal: { kind: "alert", state: "pending" },
        range: { dueAt: { lessThan: now.toISOString() } },
        orderBy: { member: "dueAt", direction: "ascending" },
        limit: batchMax,
      });
      const taken = due.map(({ value, etag }) => {
        const attempts = value.attempts + 1;
        // Due again before it is sent: a worker that is killed while sending leaves it to the next one.
        return unlessLost(alerts.replace({ ...value, attempts, dueAt: isoAfter(now, pauseAfter(attempts)) }, etag));
      });
      return (await Promise.all(taken)).flatMap((stored) => (stored === undefined ? [] : [stored.value]));
    },
    async failed(limit) {
      const orderBy = { member: "dueAt", direction: "descending" as const };
      const found = await alerts.query({ equal: { kind: "alert", state: "failed" }, orderBy, limit });
      return found.map(({ value }) => value);
    },
    async settle(taken, outcome) {
      const found = await alerts.read(taken.instanceId, taken.id);
      if (found?.value.attempts !== taken.attempts) return;
      await unlessLost(alerts.replace({ ...found.value, ...outcome }, found.etag));
    },
  };
};

/** A message that has not been sent yet; `at` is when what it tells of happened. */
export const newAlert = (
  { at, ...key }: Pick<Alert, "id" | "instanceId" | "dueAt"> & { readonly at: string },
  type: string,
  data: Readonly<Record<string, unknown>>,
): Alert => ({
  ...key,
  kind: "alert",
  state: "pending",
  body: JSON.stringify({ type, timestamp: at, data }),
  attempts: 0,
  detail: null,
  createdAt: at,
  expiresAt: new Date(Date.parse(at) + keptMilliseconds).toISOString(),
});

/** The message about an incident that has been opened or resolved. Its id is the incident's and what happened. */
export const alertOf = (instanceId: string, incident: CurrentIncident, dueAt: string): Alert => {
  const { id, health, cause, openedAt, resolvedAt, resolvedBy } = incident;
  const event = resolvedAt === null ? "opened" : "resolved";
  const at = resolvedAt ?? openedAt;
  const data = { incidentId: id, instanceId, health, cause, openedAt, resolvedAt, resolvedBy };
  return newAlert({ id: `${id}.${event}`, instanceId, at, dueAt }, `incident.${event}`, data);
};

/** What operators see of a message that nobody took. */
export const failedAlertView = ({ id, instanceId, attempts, detail, createdAt }: Alert) => ({
  id,
  instanceId,
  attempts,
  detail,
  createdAt,
});

interface SendAlertsDeps {
  readonly alerts: AlertStore;
  readonly secrets: SecretStore;
  readonly sendWebhook: SendWebhook;
  readonly clock: Clock;
  readonly log: Logger;
  /** Where to; without it nothing is sent. */
  readonly url: string | undefined;
}

export type SendAlerts = () => Promise<void>;

const resolvedEnding = ".resolved";

/** The earlier message about the same incident, while it is still on its way: whoever reads them wants them in order. */
const isAheadOf = async (alerts: AlertStore, { instanceId, id }: Alert): Promise<boolean> => {
  if (!id.endsWith(resolvedEnding)) return false;
  const opened = await alerts.find(instanceId, `${id.slice(0, -resolvedEnding.length)}.opened`);
  return opened?.state === "pending";
};

/** Sends what is due, side by side, at most 20 at a time; what fails is tried again later, ten times in all. */
export const makeSendAlerts =
  ({ alerts, secrets, sendWebhook, clock, log, url }: SendAlertsDeps): SendAlerts =>
  async () => {
    if (url === undefined) return;
    const due = await alerts.takeDue(clock());
    if (due.length === 0) return;
    const secret = (await secrets.read(secretName)) ?? (await secrets.createIfAbsent(secretName, newWebhookSecret()));
    const send = async (alert: Alert): Promise<void> => {
      if (await isAheadOf(alerts, alert)) return;
      const { id, body, attempts } = alert;
      const headers = webhookHeaders(secret, id, Math.floor(clock().getTime() / 1000), body);
      const { isAccepted, detail } = await sendWebhook({ url, headers, body });
      const isOver = attempts >= attemptsMax;
      if (!isAccepted) log.warn("an alert was not accepted", { id, attempts, detail, isOver });
      const unsent = isOver ? "failed" : "pending";
      await alerts.settle(alert, { state: isAccepted ? "sent" : unsent, detail: isAccepted ? null : detail });
    };
    const isLater = ({ id }: Alert): boolean => id.endsWith(resolvedEnding);
    await Promise.all(due.filter((alert) => !isLater(alert)).map(send));
    await Promise.all(due.filter(isLater).map(send));
  };
