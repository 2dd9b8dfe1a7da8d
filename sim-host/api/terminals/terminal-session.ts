import type { WebSocket } from "@fastify/websocket";
import { problemOf } from "../../../shared/gateway/problem.ts";
import { DomainError } from "../../../shared/kernel/errors.ts";
import type { Logger } from "../../../shared/kernel/logger.ts";
import type { Terminal } from "../../engine/ports.ts";
import type { Ending } from "../ending.ts";
import { aborted } from "../ending.ts";
import { causesOf } from "../error-boundary.ts";
import type { Timing } from "../timing.ts";
import { SlowReader } from "../write-slowly.ts";
import type { Message } from "./terminal-input.ts";
import { BadMessage, passOn } from "./terminal-input.ts";

interface Session {
  readonly socket: WebSocket;
  readonly open: () => Promise<Terminal>;
  readonly ending: Ending;
  /** Throws once this person may not use the terminal any more. */
  readonly recheck: () => Promise<void>;
  readonly timing: Timing;
  readonly log: Logger;
}

/** Why a session is over, as the code of the WebSocket's close frame. */
const codeOfEnd = { closing: 1001, expired: 4408, idle: 4408, refused: 4403 } as const;
const codeOfBadMessage = 1008;
const codeOfFailure = 1011;
/** Codes 4000 to 4999 are ours: the status that the same failure has over HTTP, added to this. */
const codeOfDomainError = 4000;
export const closeCodeOf = (error: DomainError): number => codeOfDomainError + problemOf(error).status;

/** Input that waits for the program; beyond the first bound nothing more is read from the socket. */
const pendingBytes = { pause: 256 * 1024, resume: 64 * 1024 } as const;
const frameBytesMax = 32 * 1024;
const closeMilliseconds = 1_000;

/** Messages in their order, one after the other; the socket is not read while too much waits. */
const takeInput = (socket: WebSocket, handle: (message: Message) => Promise<void>, fail: (error: unknown) => void) => {
  let waiting = 0;
  let last = Promise.resolve();
  socket.on("message", (data: unknown, isBinary: boolean) => {
    const bytes = Buffer.isBuffer(data) ? data : Buffer.alloc(0);
    waiting += bytes.length;
    if (waiting > pendingBytes.pause) socket.pause();
    last = last
      .then(() => handle({ bytes, isBinary }))
      .catch(fail)
      .then(() => {
        waiting -= bytes.length;
        if (waiting < pendingBytes.resume) socket.resume();
      });
  });
};

/** Resolves when the bytes have left, so that no more than one frame waits here. @throws SlowReader */
const send = (socket: WebSocket, bytes: Uint8Array, stallMilliseconds: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new SlowReader("It took nothing for too long.")), stallMilliseconds);
    socket.send(bytes, { binary: true }, () => {
      clearTimeout(timer);
      resolve();
    });
  });

const sendAll = async (terminal: Terminal, { socket, timing, ending }: Session, notice: () => void): Promise<void> => {
  for await (const chunk of terminal.output) {
    for (let from = 0; from < chunk.length && !ending.signal.aborted; from += frameBytesMax) {
      await send(socket, chunk.subarray(from, from + frameBytesMax), timing.stallMilliseconds);
    }
    if (ending.signal.aborted) return;
    notice();
  }
};

/** Asks for a sign of life; whoever gave none since the last time is gone. */
const beat = ({ socket, ending, recheck, timing }: Session): NodeJS.Timeout => {
  let isAlive = true;
  for (const sign of ["pong", "message"]) socket.on(sign, () => (isAlive = true));
  return setInterval(() => {
    // Nothing is read while the program takes no input: then signs of life are not seen either.
    if (!isAlive && !socket.isPaused) {
      socket.terminate();
      return;
    }
    isAlive = false;
    socket.ping();
    recheck().catch(() => ending.end("refused"));
  }, timing.heartbeatMilliseconds);
};

/** Closes it with a reason; whoever does not agree within a second is cut off. */
export const closeSocket = (socket: WebSocket, code: number, reason: string): void => {
  socket.close(code, reason);
  const timer = setTimeout(() => socket.terminate(), closeMilliseconds);
  socket.once("close", () => clearTimeout(timer));
};

const closeForError = ({ socket, log }: Session, error: unknown): void => {
  if (error instanceof SlowReader) socket.terminate();
  else if (error instanceof BadMessage) closeSocket(socket, codeOfBadMessage, "message");
  else if (error instanceof DomainError) {
    closeSocket(socket, closeCodeOf(error), error.code);
  } else {
    log.error("a terminal failed", { causes: causesOf(error) });
    closeSocket(socket, codeOfFailure, "failed");
  }
};

/**
 * Connects a socket with a program until either is over: the program (1000), time (4408), silence (4408), permission (4403)
 * or the server (1001). What passes is never logged. Attaches its listeners before it waits for anything.
 */
export const runTerminal = async (session: Session): Promise<void> => {
  const { socket, ending, timing } = session;
  const idle = setTimeout(() => ending.end("idle"), timing.idleMilliseconds);
  const notice = (): void => void idle.refresh();
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined);
  socket.once("close", () => ending.end());
  const opened = Promise.withResolvers<Terminal>();
  opened.promise.catch(() => undefined);
  const handle = async (message: Message): Promise<void> => {
    const terminal = await opened.promise;
    if (ending.signal.aborted) return;
    notice();
    await passOn(terminal, message);
  };
  takeInput(socket, handle, failure.reject);
  const heart = beat(session);
  let terminal: Terminal | undefined;
  try {
    terminal = await session.open();
    opened.resolve(terminal);
    await Promise.race([sendAll(terminal, session, notice), aborted(ending.signal), failure.promise]);
    const reason = ending.reason();
    closeSocket(socket, reason === undefined ? 1000 : codeOfEnd[reason], reason ?? "ended");
  } catch (error) {
    opened.reject(error);
    closeForError(session, error);
  } finally {
    clearTimeout(idle);
    clearInterval(heart);
    ending.end();
    await terminal?.close().catch(() => undefined);
  }
};
