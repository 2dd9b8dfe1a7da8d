import type { Socket } from "node:net";

export interface TunnelEnd {
  readonly socket: Socket;
  /** What came in on this end before the tunnel was there. */
  readonly head: Buffer;
}

export interface TunnelLimits {
  /** Nothing moved in either direction for this long: Kong's `read_timeout`. */
  readonly idleMilliseconds: number;
  /** Somebody takes nothing of what waits for them, or has not finished after the other side has: Kong's `write_timeout`. */
  readonly stallMilliseconds: number;
}

/** Passes on what comes from one end, and stops reading while the other is full. */
const carry = (from: Socket, to: Socket, stallMilliseconds: number, cut: () => void): void => {
  let stalled: NodeJS.Timeout | undefined;
  from.on("data", (chunk: Buffer) => {
    // An end that is closed takes no more. What still comes for it is thrown away, so that its neighbour's end is seen.
    if (!to.writable || to.write(chunk)) return;
    from.pause();
    stalled ??= setTimeout(cut, stallMilliseconds);
  });
  to.on("drain", () => {
    clearTimeout(stalled);
    stalled = undefined;
    from.resume();
  });
  from.once("end", () => {
    if (to.destroyed) return;
    to.end();
    const closing = setTimeout(cut, stallMilliseconds);
    to.once("close", () => clearTimeout(closing));
  });
  from.once("close", () => {
    // Without an end it was a fault, or somebody hung up.
    if (!from.readableEnded) cut();
  });
  to.once("close", () => clearTimeout(stalled));
};

/**
 * Joins two connections byte by byte until both are closed. An end that closes its side lets the other finish for
 * `stallMilliseconds`; an error or a silence of `idleMilliseconds` closes both at once.
 */
export const openTunnel = (client: TunnelEnd, upstream: TunnelEnd, limits: TunnelLimits): void => {
  const cut = (): void => {
    client.socket.destroy();
    upstream.socket.destroy();
  };
  // "close" follows an error and is what counts; without a listener the error would end the process.
  client.socket.on("error", () => undefined);
  upstream.socket.on("error", () => undefined);
  // Whatever moves in either direction passes through this one.
  upstream.socket.setTimeout(limits.idleMilliseconds, cut);
  carry(client.socket, upstream.socket, limits.stallMilliseconds, cut);
  carry(upstream.socket, client.socket, limits.stallMilliseconds, cut);
  if (client.head.length > 0) upstream.socket.write(client.head);
  if (upstream.head.length > 0) client.socket.write(upstream.head);
};
