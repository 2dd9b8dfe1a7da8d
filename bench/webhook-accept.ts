import { createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAzuriteQueues } from "../local/functions-host/fixtures/azurite.ts";
import { bundleApp } from "../local/functions-host/fixtures/bundle-app.ts";
import { endChildHost, startChildHost } from "../local/functions-host/fixtures/child-host.ts";
import type { Pair } from "./harness.ts";

const key = "bench-key-of-the-gateway";
const secret = "whsec_of_the_bench";
const requestsPerRound = 600;
const connections = 64;

interface Delivery {
  readonly body: string;
  readonly signature: string;
}

let made = 0;

/** About as long as a vendor's; every event is a new one. */
const newDelivery = (): Delivery => {
  made += 1;
  const data = { object: { id: "sub_1", object: "subscription", metadata: { note: "x".repeat(2_000) } } };
  const body = JSON.stringify({ id: `evt_${made}`, type: "customer.subscription.updated", data });
  const seconds = Math.floor(Date.now() / 1000);
  const digest = createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
  return { body, signature: `t=${seconds},v1=${digest}` };
};

const deliver = (url: string, agent: Agent, { body, signature }: Delivery): Promise<void> =>
  new Promise((resolve, reject) => {
    const headers = { "x-functions-key": key, "content-type": "application/json", "stripe-signature": signature };
    request(url, { method: "POST", agent, headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode ?? 0}`));
      response.resume().once("end", resolve);
    })
      .once("error", reject)
      .end(body);
  });

/** All of them over 32 kept connections; answers milliseconds per request. Signing them is not measured. */
const drive = async (url: string, agent: Agent): Promise<number> => {
  const waiting = Array.from({ length: requestsPerRound }, newDelivery);
  const begin = performance.now();
  const client = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await deliver(url, agent, next);
  };
  await Promise.all(Array.from({ length: connections }, client));
  return (performance.now() - begin) / requestsPerRound;
};

/**
 * The rate at which new signed events are verified, stored (synced to the disk) and enqueued in a real storage queue,
 * against a bare function of the same app that reads the same body. Host and storage are processes of their own.
 */
export const webhookAccept = (): Pair => ({
  name: "Webhook accepted: verified, stored, enqueued",
  bound: { kind: "ratio", max: 1 / 0.6 },
  measured: "webhook",
  baseline: "bare function, same host",
  rounds: 12,
  warmUp: 4,
  open: async () => {
    const directory = await mkdtemp(join(tmpdir(), "kombify-bench-webhook-"));
    const azurite = await startAzuriteQueues();
    const bundle = await bundleApp("../../../bench/fixtures/webhook-app.ts", {
      hostJson: { version: "2.0", extensions: { http: { routePrefix: "" } } },
    });
    const host = await startChildHost({
      port: 0,
      appDirectory: bundle.appDirectory,
      dataDirectory: join(directory, "data"),
      storageConnectionString: azurite.connectionString,
      settings: { SQLITE_FILE: join(directory, "documents.sqlite"), WEBHOOK_SECRET: secret },
      keys: { master: "bench-master-key", functionKeys: { gateway: key } },
    });
    const agent = new Agent({ keepAlive: true, maxSockets: connections });
    return {
      measure: () => drive(`${host.url}/webhook`, agent),
      compare: () => drive(`${host.url}/bare`, agent),
      close: async () => {
        agent.destroy();
        await endChildHost(host, "SIGTERM");
        await Promise.all([azurite.stop(), bundle.remove()]);
        await rm(directory, { recursive: true, force: true });
      },
    };
  },
});
