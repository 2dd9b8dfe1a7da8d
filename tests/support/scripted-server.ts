import type { ServerResponse } from "node:http";
import { createServer } from "node:http";

/** How an instance answers `GET /health`; `hang` never does, `down` closes the connection. */
export type Behaviour =
  "healthy" | "degraded" | "error" | "garbage" | "redirect" | "huge" | "trickle" | "not-http" | "hang" | "down";

const health = (status: string, storage: string): string =>
  JSON.stringify({ status, version: "0.40.4", checks: { database: "ok", storage, memory: "ok" } });

const answers: Readonly<Record<Behaviour, (response: ServerResponse) => void>> = {
  healthy: (response) => response.end(health("healthy", "ok")),
  degraded: (response) => response.end(health("degraded", "failed")),
  error: (response) => response.writeHead(500).end("panic"),
  garbage: (response) => response.end("<html>hello</html>"),
  redirect: (response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
  huge: (response) => response.end("x".repeat(1_000_000)),
  // Headers and a beginning, but never an end.
  trickle: (response) => response.write("{"),
  "not-http": (response) => response.socket?.end("SSH-2.0-server\r\n"),
  hang: () => undefined,
  down: (response) => response.socket?.destroy(),
};

export interface ScriptedServer {
  readonly url: string;
  be(behaviour: Behaviour): void;
  readonly requests: () => number;
  close(): Promise<void>;
}

/** A real HTTP server on loopback that behaves as it is told. */
export const scriptedServer = (first: Behaviour = "healthy"): Promise<ScriptedServer> =>
  new Promise((resolve) => {
    let behaviour = first;
    let count = 0;
    const server = createServer((_request, response) => {
      count += 1;
      answers[behaviour](response);
    });
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      resolve({
        url: `http://127.0.0.1:${port}`,
        be: (next) => (behaviour = next),
        requests: () => count,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            server.closeAllConnections();
          }),
      });
    });
  });
