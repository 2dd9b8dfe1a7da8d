import type { Clock } from "../kernel/clock.ts";
import type { Logger } from "../kernel/logger.ts";
import type { AlertStore } from "./alert.ts";
import { newAlert } from "./alert.ts";

/** Where alerts are kept that are about no single instance. */
const platformPartition = "platform";

interface RaiseAlertDeps {
  readonly alerts: Pick<AlertStore, "add">;
  readonly clock: Clock;
  readonly log: Logger;
  /** Without a receiver nothing is written, only logged. */
  readonly isAlerting: boolean;
}

/** Implements `RaiseAlert` of `shared/events/raise-alert.ts` by the outbox of the operators' webhook. */
export const makeRaiseAlert =
  ({ alerts, clock, log, isAlerting }: RaiseAlertDeps) =>
  async (alert: {
    readonly id: string;
    readonly type: string;
    readonly data: Readonly<Record<string, unknown>>;
  }): Promise<void> => {
    const { id, type, data } = alert;
    log.error("operators are needed", { alertId: id, type, ...data });
    if (!isAlerting) return;
    const at = clock().toISOString();
    await alerts.add(newAlert({ id, instanceId: platformPartition, at, dueAt: at }, type, data));
  };
