import type { ResendEvents } from "../../shared/events/resend-events.ts";

interface Deps {
  readonly resendEvents: ResendEvents;
  readonly sweepEvents: () => Promise<void>;
}

/** Takes up events whose message was lost, or whose worker is gone. */
export const resendEventsTimer = ({ resendEvents }: Deps) => ({
  name: "resend-events",
  schedule: "3/15 * * * * *",
  run: async () => {
    await resendEvents();
  },
});

/** Forgets events that are older than they are kept. */
export const sweepEventsTimer = ({ sweepEvents }: Deps) => ({
  name: "sweep-events",
  schedule: "0 27 * * * *",
  run: sweepEvents,
});
