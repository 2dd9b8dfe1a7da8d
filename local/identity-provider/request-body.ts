import type { IncomingMessage } from "node:http";

import { Refusal } from "../process/problem.ts";

const maximumBodyBytes = 64 * 1024;

/**
 * Reads a small body of the expected media type. Insisting on the type keeps other sites out: a browser does not send
 * `application/json` across origins without asking first.
 * @throws Refusal 415 for another type, 413 beyond 64 KiB
 */
export const readBody = async (request: IncomingMessage, mediaType: string): Promise<string> => {
  const [given = ""] = (request.headers["content-type"] ?? "").split(";");
  if (given.trim().toLowerCase() !== mediaType) {
    throw new Refusal(415, "unsupported-media-type", `Send the body as ${mediaType}.`);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    bytes += buffer.length;
    if (bytes > maximumBodyBytes) throw new Refusal(413, "too-large", "The body is larger than 64 KiB.");
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
};
