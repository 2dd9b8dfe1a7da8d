import { once } from "node:events";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { startUpstream, type Upgrade, type Upstream } from "./gateway-stage.ts";

/** The subprotocol the stub speaks; a second one that a client offers is its ticket. */
export const terminalProtocol = "terminal.kombify.v1";
export const refusal = '{"code":"ticket-used","status":401}';

export interface SimHost extends Upstream {
  /** WebSockets open at this moment. */
  readonly openCount: () => number;
}

const refuse = (socket: Duplex): void => {
  const head = [
    "HTTP/1.1 401 Unauthorized",
    "Content-Type: application/problem+json",
    `Content-Length: ${refusal.length}`,
    "Server: stub",
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${refusal}`);
};

/**
 * Stands in for sim-host: below `/v1/simulation-terminals/`, `echo` sends everything back, `greeting` speaks first and in
 * one piece with its answer, `leaving` closes at the first message, and `refused` answers 401.
 */
export const startSimHost = async (port: number): Promise<SimHost> => {
  const terminals = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has(terminalProtocol) ? terminalProtocol : false),
  });
  const upgrade: Upgrade = (request, socket, head) => {
    const [, kind] = /^\/v1\/simulation-terminals\/(\w+)/.exec(request.url ?? "") ?? [];
    if (kind === "refused") {
      refuse(socket);
      return;
    }
    socket.cork();
    terminals.handleUpgrade(request, socket, head, (terminal) => {
      if (kind === "greeting") terminal.send("welcome");
      terminal.on("message", (data, isBinary) => {
        if (kind === "leaving") terminal.close(4000, "idle");
        else terminal.send(data, { binary: isBinary });
      });
      terminal.on("error", () => terminal.terminate());
    });
    process.nextTick(() => socket.uncork());
  };
  const upstream = await startUpstream(port, upgrade);
  return {
    ...upstream,
    openCount: () => terminals.clients.size,
    close: async () => {
      const closed = [...terminals.clients].map((terminal) => once(terminal, "close"));
      for (const terminal of terminals.clients) terminal.terminate();
      await Promise.all(closed);
      await upstream.close();
    },
  };
};
