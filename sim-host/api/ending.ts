/** Why something long ends although nobody left and nothing is over. */
export type EndReason = "closing" | "expired" | "idle" | "refused";

/** The end of one long answer: aborted by the first that has a reason. */
export interface Ending {
  readonly signal: AbortSignal;
  /** The first reason counts. Absent: whoever read it has gone. */
  readonly end: (reason?: EndReason) => void;
  readonly reason: () => EndReason | undefined;
  /** Takes the timer and listeners away. */
  readonly dispose: () => void;
}

/** Ends with the server, and after a time. */
export const makeEnding = (closing: AbortSignal, milliseconds: number): Ending => {
  const controller = new AbortController();
  let reason: EndReason | undefined;
  const end = (why?: EndReason): void => {
    if (controller.signal.aborted) return;
    reason = why;
    controller.abort();
  };
  const close = (): void => end("closing");
  const timer = setTimeout(() => end("expired"), Math.max(0, milliseconds));
  closing.addEventListener("abort", close);
  if (closing.aborted) close();
  return {
    signal: controller.signal,
    end,
    reason: () => reason,
    dispose() {
      clearTimeout(timer);
      closing.removeEventListener("abort", close);
    },
  };
};

/** Resolves when the signal is aborted. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
