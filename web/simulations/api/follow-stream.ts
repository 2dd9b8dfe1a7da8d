import type { ApiError } from "../../console/api/api-error.ts";
import { toApiError } from "../../console/api/api-error.ts";
import { anyObject } from "../../page/shape.ts";
import type { StreamEvent } from "./read-events.ts";
import { readEvents } from "./read-events.ts";
import type { OpenStream } from "./simulations-api.ts";

/** `over`: what it tells of has ended; `refused`: it may not be read, or not any more. */
export type StreamState =
  { readonly kind: "live" | "reconnecting" | "over" } | { readonly kind: "refused"; readonly error?: ApiError };

interface FollowOptions {
  readonly open: OpenStream;
  readonly onEvent: (event: StreamEvent) => void;
  /** Told when it changes, and before the first event of each connection. */
  readonly onState: (state: StreamState) => void;
  readonly wait: (seconds: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

const firstDelaySeconds = 0.5;
const delaySecondsMax = 15;

/** Seconds to wait after so many failures in a row, each time twice as long. */
export const reconnectDelaySeconds = (failures: number): number =>
  Math.min(delaySecondsMax, firstDelaySeconds * 2 ** Math.max(0, failures - 1));

/** Why the server ended it: the word of its last event, or none when it was cut off. */
const reasonOf = (data: string): string => {
  try {
    return String(anyObject(JSON.parse(data))["reason"]);
  } catch {
    return "failed";
  }
};

const isRefusal = ({ facts: { status } }: ApiError): boolean => status >= 400 && status < 500 && status !== 429;

/** What the end of one connection means; undefined: another one is to be tried. */
const endOf = (reason: string | undefined): StreamState | undefined => {
  if (reason === "ended") return { kind: "over" };
  return reason === "refused" ? { kind: "refused" } : undefined;
};

/**
 * Reads a stream until what it tells of is over, connecting again whenever it is cut off, after the last event that was
 * heard. Resolves at the end, or when the signal is aborted.
 */
export const followStream = async (options: FollowOptions): Promise<void> => {
  const { open, onEvent, onState, wait, signal } = options;
  let lastId: string | undefined;
  let failures = 0;
  const readOnce = async (): Promise<StreamState | undefined> => {
    const answer = await open(lastId, signal);
    onState({ kind: "live" });
    for await (const event of readEvents(answer)) {
      // Only now: a server that answers and breaks off at once is not asked again at once.
      failures = 0;
      ({ lastId } = event);
      if (event.event === "end") return endOf(reasonOf(event.data));
      onEvent(event);
    }
    return undefined;
  };
  const isAborted = (): boolean => signal.aborted;
  while (!isAborted()) {
    const ended = await readOnce().catch((cause: unknown): StreamState | undefined => {
      const error = toApiError(cause);
      return isRefusal(error) ? { kind: "refused", error } : undefined;
    });
    if (isAborted()) return;
    if (ended !== undefined) {
      onState(ended);
      return;
    }
    failures += 1;
    onState({ kind: "reconnecting" });
    await wait(reconnectDelaySeconds(failures), signal);
  }
};
