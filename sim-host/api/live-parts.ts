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

/** How many there may be at once: of one tenant (of one simulation, for captures), and of all. */
const bounds = {
  streams: { what: "streams of logs, statistics and events", perKeyMax: 20, totalMax: 1_000 },
  terminals: { what: "terminals", perKeyMax: 10, totalMax: 200 },
  commands: { what: "commands", perKeyMax: 5, totalMax: 100 },
  saving: { what: "saves and restorations", perKeyMax: 1, totalMax: 4 },
  captures: { what: "captures of this simulation", perKeyMax: 2, totalMax: 50 },
} as const;

export const makeLiveParts = (
  { clock, randomBytes, timing, metrics }: Pick<ApiDeps, "clock" | "randomBytes" | "timing" | "metrics">,
  closing: AbortSignal,
): LiveParts => {
  const slots = (kind: keyof typeof bounds): Slots =>
    makeSlots({ ...bounds[kind], onChange: (total) => metrics.open(kind, total) });
  return {
    closing,
    tickets: makeTickets({ clock, randomBytes, lifetimeMilliseconds: timing.ticketMilliseconds }),
    streams: slots("streams"),
    terminals: slots("terminals"),
    commands: slots("commands"),
    saving: slots("saving"),
    captures: slots("captures"),
  };
};
