import type { Slots } from "./slots.ts";
import { makeSlots } from "./slots.ts";

/** What answers with long lives share: an end with the server, and bounds on how many there are. */
export interface LiveParts {
  /** Aborted when the server begins to close. */
  readonly closing: AbortSignal;
  /** By tenant. */
  readonly streams: Slots;
  readonly terminals: Slots;
  readonly commands: Slots;
  /** By simulation. */
  readonly captures: Slots;
}

export const makeLiveParts = (closing: AbortSignal): LiveParts => ({
  closing,
  streams: makeSlots({ what: "streams of logs, statistics and events", perKeyMax: 20, totalMax: 1_000 }),
  terminals: makeSlots({ what: "terminals", perKeyMax: 10, totalMax: 200 }),
  commands: makeSlots({ what: "commands", perKeyMax: 5, totalMax: 100 }),
  captures: makeSlots({ what: "captures of this simulation", perKeyMax: 2, totalMax: 50 }),
});
