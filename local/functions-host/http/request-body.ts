import type { IncomingMessage } from "node:http";

export type BodyResult =
  | { readonly kind: "read"; readonly bytes: Buffer }
  | { readonly kind: "too-large" }
  /** The client went away before the end of its request. */
  | { readonly kind: "aborted" };

const join = (chunks: readonly Buffer[], length: number): Buffer => {
  const [first] = chunks;
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks, length);
};

/**
 * Reads a whole body into memory. A body that says it is too large is not read at all; one that turns out to be is
 * left unread from the limit on.
 */
export const readBody = (request: IncomingMessage, limitBytes: number): Promise<BodyResult> => {
  if (Number(request.headers["content-length"] ?? 0) > limitBytes) return Promise.resolve({ kind: "too-large" });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      chunks.push(chunk);
      if (length <= limitBytes) return;
      request.off("data", onData);
      request.pause();
      resolve({ kind: "too-large" });
    };
    request.on("data", onData);
    request.on("end", () => resolve({ kind: "read", bytes: join(chunks, length) }));
    request.on("error", () => resolve({ kind: "aborted" }));
    request.on("close", () => resolve({ kind: "aborted" }));
  });
};

/** True when the request says it has a body of known length: the only kind the real host passes on to Node. */
export const hasSizedBody = (request: IncomingMessage): boolean => Number(request.headers["content-length"] ?? 0) > 0;
