import type { Duplex } from "node:stream";

const lingerMilliseconds = 2000;

const documents = {
  400: { title: "Bad request", code: "invalid-request", detail: "The request is not well-formed HTTP." },
  408: { title: "Too slow", code: "invalid-request", detail: "The request took too long to arrive." },
  431: { title: "Too large", code: "too-large", detail: "The request's headers are too large." },
} as const;

const statusOf = (error: Error): keyof typeof documents => {
  const code = "code" in error ? error.code : undefined;
  if (code === "HPE_HEADER_OVERFLOW") return 431;
  return code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : 400;
};

/**
 * Answers what could not be read as a request with a problem document, and closes. What the client still sends is read and
 * thrown away for a moment, because a connection closed with unread bytes is reset and takes the answer with it.
 */
export const refuseConnection = (error: Error, socket: Duplex): void => {
  if (!socket.writable || ("code" in error && error.code === "ECONNRESET")) {
    socket.destroy();
    return;
  }
  const status = statusOf(error);
  const { title, code, detail } = documents[status];
  const type = `https://docs.kombify.io/problems/${code}`;
  const body = JSON.stringify({ type, title, status, code, detail });
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    "Content-Type: application/problem+json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Cache-Control: no-store",
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
  socket.on("data", () => undefined);
  const timer = setTimeout(() => socket.destroy(), lingerMilliseconds);
  socket.once("error", () => socket.destroy());
  socket.once("close", () => clearTimeout(timer));
};
