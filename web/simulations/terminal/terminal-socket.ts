import type { Ticket } from "../api/simulation-shapes.ts";

const protocol = "kombify.terminal.v1";

export interface TerminalSocket {
  readonly send: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly resize: (columns: number, rows: number) => void;
  readonly close: () => void;
}

interface Listeners {
  readonly onOpen: () => void;
  readonly onOutput: (bytes: Uint8Array) => void;
  /** Called once. */
  readonly onClose: (end: { readonly code: number; readonly reason: string }) => void;
}

/** A browser cannot send a token with a WebSocket: the ticket travels among the protocols it offers, in no address. */
export const openTerminalSocket = ({ ticket, path }: Ticket, listeners: Listeners): TerminalSocket => {
  const address = new URL(path, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address, [protocol, `ticket.${ticket}`]);
  socket.binaryType = "arraybuffer";
  socket.addEventListener("open", listeners.onOpen);
  socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (data instanceof ArrayBuffer) listeners.onOutput(new Uint8Array(data));
  });
  socket.addEventListener("close", ({ code, reason }) => listeners.onClose({ code, reason }));
  const send = (data: Uint8Array<ArrayBuffer> | string): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(data);
  };
  return {
    send,
    resize: (columns, rows) => send(JSON.stringify({ type: "resize", columns, rows })),
    close: () => socket.close(1000),
  };
};
