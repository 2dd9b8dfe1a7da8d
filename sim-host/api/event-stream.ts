import type { FastifyReply } from "fastify";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { Logger } from "../../shared/kernel/logger.ts";
import type { Ending } from "./ending.ts";
import { aborted } from "./ending.ts";
import { causesOf } from "./error-boundary.ts";
import type { Timing } from "./timing.ts";
import { SlowReader, writeSlowly } from "./write-slowly.ts";

/** One event of a stream (`text/event-stream`). `event` is a word of our own; `data` is sent as JSON, so no line of it breaks. */
export interface StreamEvent {
  readonly event: string;
  readonly id?: number;
  readonly data: unknown;
}

interface Streaming {
  /** Ends with the signal. */
  readonly events: (signal: AbortSignal) => AsyncIterable<StreamEvent>;
  readonly ending: Ending;
  /** Throws once the reader may not read any more. */
  readonly recheck: () => Promise<void>;
  readonly timing: Timing;
  readonly log: Logger;
}

const retryMilliseconds = 3_000;

/** What JSON leaves as it is, although it breaks lines or hides words for some readers: C1, DEL, separators, directions. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const escaped = (text: string): string =>
  [...Array(text.length).keys()].map((index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, "0")}`).join("");

const visibleJson = (data: unknown): string => JSON.stringify(data).replace(unseen, escaped);

const frameOf = ({ event, id, data }: StreamEvent): string =>
  `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${visibleJson(data)}\n\n`;

const headers = {
  // So that the connection ends with the stream, also while the server closes.
  connection: "close",
  "content-type": "text/event-stream; charset=utf-8",
  // Compressing it would hold events back until there is enough to compress.
  "cache-control": "no-store, no-transform",
  "x-content-type-options": "nosniff",
  "x-accel-buffering": "no",
};

const beat = ({ raw }: FastifyReply, { ending, recheck, timing }: Streaming): NodeJS.Timeout =>
  setInterval(() => {
    if (!raw.writableNeedDrain) raw.write(":\n\n");
    recheck().catch(() => ending.end("refused"));
  }, timing.heartbeatMilliseconds);

/** What the reader is told last: `ended`, `closing` (come back), `expired` (sign in, come back), `refused` or `failed`. */
const pump = async ({ raw }: FastifyReply, { events, ending, timing, log }: Streaming): Promise<string> => {
  const { signal } = ending;
  try {
    for await (const event of events(signal)) {
      if (signal.aborted) break;
      await writeSlowly(raw, frameOf(event), timing.stallMilliseconds);
    }
    return ending.reason() ?? "ended";
  } catch (error) {
    if (error instanceof SlowReader) raw.destroy();
    else if (!(error instanceof DomainError)) log.error("a stream failed", { causes: causesOf(error) });
    return error instanceof DomainError && error.code === "simulation-not-found" ? "ended" : "failed";
  }
};

/**
 * Answers with events as they come. Ends when they end, when the reader goes or takes nothing for too long, and with the
 * signal; the last event is `end` `{reason}`. What went wrong before is the caller's to answer.
 */
export const sendEvents = async (reply: FastifyReply, streaming: Streaming): Promise<void> => {
  const { ending, timing } = streaming;
  const { raw } = reply;
  reply.hijack();
  raw.on("error", () => ending.end());
  raw.once("close", () => ending.end());
  raw.writeHead(200, headers);
  raw.write(`retry: ${retryMilliseconds}\n\n`);
  const heart = beat(reply, streaming);
  try {
    // The source is told to end as well, but nobody waits for it to notice.
    const reason = await Promise.race([pump(reply, streaming), aborted(ending.signal).then(ending.reason)]);
    if (reason === undefined || raw.destroyed) return;
    await writeSlowly(raw, frameOf({ event: "end", data: { reason } }), timing.stallMilliseconds);
  } catch {
    raw.destroy();
  } finally {
    clearInterval(heart);
    ending.end();
    raw.end();
  }
};
