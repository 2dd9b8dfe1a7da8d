import type { SendAlerts } from "../../shared/health/alert.ts";
import type { SweepHealth } from "../../shared/health/sweep-health.ts";
import type { WatchInstances } from "../../shared/health/watch-instances.ts";

interface Deps {
  readonly watchInstances: WatchInstances;
  readonly sendAlerts: SendAlerts;
  readonly sweepHealth: SweepHealth;
}

/** Looks at every instance; apart from the alerts, so that a slow receiver does not delay it. */
export const watchInstancesTimer = ({ watchInstances }: Deps) => ({
  name: "watch-instances",
  schedule: "*/10 * * * * *",
  run: watchInstances,
});

export const sendAlertsTimer = ({ sendAlerts }: Deps) => ({
  name: "send-alerts",
  schedule: "5/10 * * * * *",
  run: sendAlerts,
});

/** Forgets history, incidents and messages that are older than they are kept. */
export const sweepHealthTimer = ({ sweepHealth }: Deps) => ({
  name: "sweep-health",
  schedule: "0 17 * * * *",
  run: async () => {
    await sweepHealth();
  },
});
