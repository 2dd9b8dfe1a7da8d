import type { FastifyReply } from "fastify";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { Logger } from "../../shared/kernel/logger.ts";
import type { Ending } from "./ending.ts";
import { aborted } from "./ending.ts";
import { causesOf } from "./error-boundary.ts";
import type { Timing } from "./timing.ts";
import { writeSlowly } from "./write-slowly.ts";

interface Sending {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly headers: Readonly<Record<string, string>>;
  readonly ending: Ending;
  readonly timing: Timing;
  readonly log: Logger;
}

const commonHeaders = {
  // So that the connection ends with the answer, also while the server closes.
  connection: "close",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

/**
 * Answers with bytes as they come, once the first are there: what fails before is the caller's to answer. What fails later
 * cuts the answer off, so that nobody takes the part for the whole. Stops its source when the reader goes or is too slow.
 */
export const sendBytes = async (reply: FastifyReply, sending: Sending): Promise<void> => {
  const { bytes, headers, ending, timing, log } = sending;
  const { raw } = reply;
  raw.once("close", () => ending.end());
  const source = bytes[Symbol.asyncIterator]();
  const first = await Promise.race([source.next(), aborted(ending.signal)]);
  if (first === undefined) throw new DomainError("unavailable", "It ended before there was anything to send.");
  let next = first;
  reply.hijack();
  raw.on("error", () => ending.end());
  raw.writeHead(200, { ...commonHeaders, ...headers });
  const pump = async (): Promise<"whole"> => {
    for (; next.done !== true; next = await source.next()) {
      await writeSlowly(raw, next.value, timing.stallMilliseconds);
    }
    return "whole";
  };
  try {
    const outcome = await Promise.race([pump(), aborted(ending.signal)]);
    if (outcome === "whole") raw.end();
    else raw.destroy();
  } catch (error) {
    log.warn("an answer was cut off", { causes: causesOf(error) });
    raw.destroy();
  } finally {
    ending.end();
    // Told to end by the signal; nobody waits for it.
    source.return?.().catch(() => undefined);
  }
};
