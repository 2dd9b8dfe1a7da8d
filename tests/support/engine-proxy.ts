import { createServer, request as httpRequest } from "node:http";
import { once } from "node:events";
import { connect } from "node:net";
import { rm } from "node:fs/promises";

/** `refused`: the engine has changed nothing. */
export type Moment = "before" | "after" | "refused";

/** A socket in front of a real engine that sees every call which changes something. */
export interface EngineProxy {
  readonly socketPath: string;
  /** Called before a changing call reaches the engine, and after the engine has done or refused it, before the caller knows. */
  onChange: (call: string, moment: Moment) => void | Promise<void>;
  close(): Promise<void>;
}

const isChange = (method: string | undefined, path: string): boolean =>
  method === "DELETE" || (method === "POST" && !path.includes("/exec"));

/** `POST /v1.41/containers/<id>/start?x` is `POST containers/start`. */
const nameOf = (method: string, path: string): string =>
  `${method} ${(path.split("?")[0] ?? "")
    .replace(/^\/v[\d.]+\//, "/")
    .replace(/\/[0-9a-f]{64}/, "")
    .slice(1)}`;

export const startEngineProxy = async (engineSocket: string, socketPath: string): Promise<EngineProxy> => {
  await rm(socketPath, { force: true });
  const proxy: EngineProxy = {
    socketPath,
    onChange: () => undefined,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  const server = createServer((request, response) => {
    const { method = "GET", url = "/", headers } = request;
    const call = nameOf(method, url);
    const tell = async (moment: Moment): Promise<void> => {
      if (isChange(method, url)) await proxy.onChange(call, moment);
    };
    const forward = async (): Promise<void> => {
      const body: Buffer[] = [];
      for await (const chunk of request) body.push(chunk as Buffer);
      await tell("before");
      const upstream = httpRequest({ socketPath: engineSocket, method, path: url, headers }, (answer) => {
        const relay = async (): Promise<void> => {
          const { statusCode = 500 } = answer;
          await tell(statusCode < 400 ? "after" : "refused");
          response.writeHead(statusCode, answer.headers);
          // At once, as the engine does: who follows its events would wait for the first of them.
          response.flushHeaders();
          answer.pipe(response);
        };
        relay().catch(() => response.destroy());
      });
      upstream.on("error", () => response.destroy());
      response.on("close", () => upstream.destroy());
      upstream.end(Buffer.concat(body));
    };
    forward().catch(() => response.destroy());
  });
  // Terminals and commands take the connection over.
  server.on("upgrade", (request, socket, head) => {
    const upstream = connect(engineSocket, () => {
      const lines = Object.entries(request.headers).map(([name, value]) => `${name}: ${String(value)}`);
      upstream.write(`${request.method ?? "POST"} ${request.url ?? "/"} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on("error", () => socket.destroy());
    socket.on("error", () => upstream.destroy());
  });
  server.listen(socketPath);
  await once(server, "listening");
  return proxy;
};
