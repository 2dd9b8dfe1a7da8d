import { createServer } from "node:http";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent, request } from "node:http";
import { build } from "esbuild";
import { startFunctionsHost } from "../local/functions-host/server.ts";
import type { Pair } from "./harness.ts";

const app = `
import { app } from "@azure/functions";
app.http("hello", { route: "hello", methods: ["GET"], authLevel: "function", handler: async () => ({ jsonBody: { hello: "world" } }) });
`;
const key = "bench-key-of-the-gateway";
const requestsPerRound = 200;

/** Requests one after the other over one kept connection; answers milliseconds per request. */
const drive = async (url: string, agent: Agent): Promise<number> => {
  const begin = performance.now();
  for (let index = 0; index < requestsPerRound; index += 1) {
    await new Promise<void>((resolve, reject) => {
      request(url, { agent, headers: { "x-functions-key": key } }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode ?? 0}`));
        response.resume().once("end", resolve);
      })
        .once("error", reject)
        .end();
    });
  }
  return (performance.now() - begin) / requestsPerRound;
};

const startBare = (): Promise<{ readonly url: string; readonly close: () => Promise<void> }> =>
  new Promise((resolve) => {
    const server = createServer((_request, response) => {
      response.setHeader("content-type", "application/json").end('{"hello":"world"}');
    });
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      const close = (): Promise<void> => new Promise((done) => server.close(() => done()));
      resolve({ url: `http://127.0.0.1:${port}/hello`, close });
    });
  });

/**
 * What one request costs more through the local Functions host (key check, routing, the real @azure/functions library)
 * than through a bare server. Both are in this process, as is their client, with one kept connection to each.
 */
export const hostOverhead = (): Pair => ({
  name: "Functions host, one request",
  bound: { kind: "difference", max: 1 },
  measured: "local/functions-host",
  baseline: "bare node:http",
  rounds: 15,
  warmUp: 5,
  open: async () => {
    const directory = await mkdtemp(join(tmpdir(), "kombify-bench-host-"));
    await writeFile(
      join(directory, "host.json"),
      JSON.stringify({ version: "2.0", extensions: { http: { routePrefix: "" } } }),
    );
    const entry = join(directory, "main.cjs");
    const stdin = { contents: app, resolveDir: process.cwd() };
    await build({
      stdin,
      outfile: entry,
      bundle: true,
      platform: "node",
      format: "cjs",
      external: ["@azure/functions-core"],
    });
    const host = await startFunctionsHost({
      port: 0,
      appDirectory: directory,
      entry,
      dataDirectory: join(directory, "data"),
      settings: {},
      keys: { master: "bench-master-key", functionKeys: { gateway: key } },
    });
    const bare = await startBare();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    return {
      measure: () => drive(`${host.url}/hello`, agent),
      compare: () => drive(bare.url, agent),
      close: async () => {
        agent.destroy();
        await Promise.all([host.stop(), bare.close()]);
        await rm(directory, { recursive: true, force: true });
      },
    };
  },
});
