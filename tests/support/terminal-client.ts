import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import type { ClientOptions } from "ws";
import { WebSocket } from "ws";
import { z } from "zod";

export interface TerminalClient {
  readonly socket: WebSocket;
  /** The answer that opened it. */
  readonly opened: Promise<IncomingMessage>;
  /** Code and reason of its end. */
  readonly closed: Promise<string>;
  /** Status and code of the problem that it was answered with instead. */
  readonly refused: Promise<string>;
  /** Everything that came in binary frames, once it is so much; each byte is one character. */
  received(length: number): Promise<string>;
  keys(text: string): void;
}

const Problem = z.object({ code: z.string() });

/** A WebSocket whose events are kept, so that none is missed by who asks for it later. */
export const terminalClient = (url: string, protocols: readonly string[], options: ClientOptions): TerminalClient => {
  const socket = new WebSocket(url, [...protocols], options);
  let came = "";
  socket.on("error", () => undefined);
  socket.on("message", (data: Buffer, isBinary) => {
    if (isBinary) came += data.toString("latin1");
  });
  const opened = new Promise<IncomingMessage>((resolve) => {
    socket.once("upgrade", (answer) => socket.once("open", () => resolve(answer)));
  });
  const closed = new Promise<string>((resolve) => {
    socket.once("close", (code, reason) => resolve(`${code} ${reason.toString()}`));
  });
  const refused = new Promise<string>((resolve, reject) => {
    socket.once("unexpected-response", (_request, answer) => {
      const read = text(answer).then((body) => `${answer.statusCode ?? 0} ${Problem.parse(JSON.parse(body)).code}`);
      read.then(resolve, reject);
    });
  });
  return {
    ...{ socket, opened, closed, refused },
    async received(length) {
      while (came.length < length) await once(socket, "message");
      return came;
    },
    keys: (typed) => socket.send(Buffer.from(typed, "latin1")),
  };
};
