import type { ApiDeps } from "./api-deps.ts";
import type { Slots } from "./slots.ts";
import { makeSlots } from "./slots.ts";
import type { Tickets } from "./terminals/tickets.ts";
import { makeTickets } from "./terminals/tickets.ts";

/** What answers with long lives share: an end with the server, and bounds on how many there are. */
export interface LiveParts {
  /** Aborted when the server begins to close. */
  readonly closing: AbortSignal;
  /** By tenant. */
  readonly streams: Slots;
  readonly terminals: Slots;
  readonly commands: Slots;
  /** Saves and restorations that are being made: each holds an archive in memory. */
  readonly saving: Slots;
  /** By simulation. */
  readonly captures: Slots;
  readonly tickets: Tickets;
}

export const makeLiveParts = (
  { clock, randomBytes, timing }: Pick<ApiDeps, "clock" | "randomBytes" | "timing">,
  closing: AbortSignal,
): LiveParts => ({
  closing,
  tickets: makeTickets({ clock, randomBytes, lifetimeMilliseconds: timing.ticketMilliseconds }),
  streams: makeSlots({ what: "streams of logs, statistics and events", perKeyMax: 20, totalMax: 1_000 }),
  terminals: makeSlots({ what: "terminals", perKeyMax: 10, totalMax: 200 }),
  commands: makeSlots({ what: "commands", perKeyMax: 5, totalMax: 100 }),
  saving: makeSlots({ what: "saves and restorations", perKeyMax: 1, totalMax: 4 }),
  captures: makeSlots({ what: "captures of this simulation", perKeyMax: 2, totalMax: 50 }),
});
