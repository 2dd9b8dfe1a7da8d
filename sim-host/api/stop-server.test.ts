import { once } from "node:events";
import { expect, test } from "vitest";
import { terminalClient } from "../../tests/support/terminal-client.ts";
import { buildApi, signedBy } from "../../tests/support/sim-api.ts";
import { stopServer } from "./stop-server.ts";

const begin = async (answer: Promise<unknown>) => {
  const asked = Promise.withResolvers<undefined>();
  const { app } = buildApi(undefined, [
    (scope) => {
      scope.get("/v1/simulations/slow", async (_request, reply) => {
        asked.resolve(undefined);
        return reply.send(await answer);
      });
    },
  ]);
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return { app, url, asked: asked.promise };
};
const timed = async (work: Promise<unknown>): Promise<number> => {
  const begunAt = performance.now();
  await work;
  return performance.now() - begunAt;
};

test("what is under way ends well, and its connection is not kept for more", async () => {
  const gate = Promise.withResolvers<unknown>();
  const { app, url, asked } = await begin(gate.promise);
  const answer = fetch(`${url}/v1/simulations/slow`, { headers: signedBy("ada") });
  await asked;
  const stopping = timed(stopServer(app, 10_000));
  gate.resolve({ isDone: true });
  expect(await (await answer).json()).toEqual({ isDone: true });
  expect(await stopping).toBeLessThan(5_000);
  await expect(fetch(url)).rejects.toThrow("fetch failed");
});

test("what does not end is cut off", async () => {
  const { app, url, asked } = await begin(new Promise(() => undefined));
  const answer = fetch(`${url}/v1/simulations/slow`, { headers: signedBy("ada") });
  await asked;
  await Promise.all([stopServer(app, 100), expect(answer).rejects.toThrow("fetch failed")]);
});

test("a socket that nobody closes is cut off as well", async () => {
  const { app, url } = await begin(Promise.resolve());
  const headers = signedBy("ada");
  // No WebSocket: the server closes it, and waits half a minute for the answer of who does not read.
  const client = terminalClient(`${url.replace("http", "ws")}/v1/simulations`, ["x"], { headers });
  client.socket.once("upgrade", () => client.socket.pause());
  await once(app.websocketServer, "connection");
  expect(await timed(stopServer(app, 100))).toBeLessThan(5_000);
  client.socket.terminate();
});

test("stopping twice is stopping once", async () => {
  const { app } = await begin(Promise.resolve());
  await Promise.all([stopServer(app, 100), stopServer(app, 100)]);
  expect(app.server.listening).toBe(false);
});
