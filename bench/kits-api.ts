import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { BlobServiceClient } from "@azure/storage-blob";
import { startAzurite } from "../local/azurite/azurite.ts";
import { bundleApp } from "../local/functions-host/fixtures/bundle-app.ts";
import { endChildHost, startChildHost } from "../local/functions-host/fixtures/child-host.ts";
import { publishShippedKits } from "../local/stackkits/publish-shipped-kits.ts";
import { blobsOf } from "../shared/stackkits/kit-index.ts";
import type { Pair } from "./harness.ts";
import { timed } from "./harness.ts";

const key = "bench-key-of-the-gateway";
const requestsPerRound = 400;
const connections = 16;
const downloadsPerRound = 100;
const crowd = 50;

const openKits = async () => {
  const directory = await mkdtemp(join(tmpdir(), "kombify-bench-kits-"));
  const azurite = await startAzurite({ blobPort: 0, queuePort: 0, dataDirectory: join(directory, "azurite") });
  const { connectionString } = azurite;
  const { publicKey } = await publishShippedKits({
    more: [],
    ...{ connectionString, keyFile: join(directory, "key.pem") },
    kitsDirectory: fileURLToPath(new URL("../kits", import.meta.url)),
  });
  const bundle = await bundleApp("../../../bench/fixtures/kits-app.ts", {
    hostJson: { version: "2.0", extensions: { http: { routePrefix: "" } } },
  });
  const host = await startChildHost({
    ...{ port: 0, appDirectory: bundle.appDirectory, dataDirectory: join(directory, "data") },
    storageConnectionString: connectionString,
    settings: {
      SQLITE_FILE: join(directory, "documents.sqlite"),
      STACKKIT_KEYS: JSON.stringify({ keys: [publicKey] }),
    },
    keys: { master: "bench-master-key", functionKeys: { gateway: key } },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: crowd });
  const get = (path: string, method = "GET", body?: Buffer): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      request(`${host.url}${path}`, { method, agent, headers: { "x-functions-key": key } }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${path} answered ${response.statusCode ?? 0}`));
        else buffer(response).then(resolve, reject);
      })
        .once("error", reject)
        .end(body);
    });
  /** Milliseconds that `count` requests take, `side` at a time. */
  const drive = (path: string, count: number, side: number): Promise<number> => {
    let left = count;
    const client = async (): Promise<void> => {
      for (left -= 1; left >= 0; left -= 1) await get(path);
    };
    return timed(() => Promise.all(Array.from({ length: side }, client)));
  };
  return {
    connectionString,
    get,
    drive,
    close: async (): Promise<void> => {
      agent.destroy();
      await endChildHost(host, "SIGTERM");
      await Promise.all([azurite.stop(), bundle.remove()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
};

/** A page of the catalogue and one kit from a warm worker, against a bare function of the same app with the same bytes. */
const readPair = (name: string, path: string): Pair => ({
  name,
  // At least 60 % of its request rate.
  bound: { kind: "ratio", max: 1.66 },
  measured: path,
  baseline: "bare function, same bytes",
  rounds: 12,
  warmUp: 4,
  open: async () => {
    const { get, drive, close } = await openKits();
    await get("/bare", "POST", await get(path));
    return {
      measure: () => drive(path, requestsPerRound, connections),
      compare: () => drive("/bare", requestsPerRound, connections),
      close,
    };
  },
});

/** Archives through the API (plan, count, verification once), against reading the same blob by the SDK. */
const downloadPair = (): Pair => ({
  name: "Kits: download",
  // At least 70 % of its throughput.
  bound: { kind: "ratio", max: 1.43 },
  measured: "GET download",
  baseline: "the SDK reads the blob",
  rounds: 12,
  warmUp: 3,
  open: async () => {
    const { connectionString, drive, close } = await openKits();
    const container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient("stackkits");
    const blob = container.getBlobClient(blobsOf("gitea", "1.0.0").archive);
    const readBySdk = (): Promise<number> => {
      let left = downloadsPerRound;
      const client = async (): Promise<void> => {
        for (left -= 1; left >= 0; left -= 1) await blob.downloadToBuffer();
      };
      return timed(() => Promise.all(Array.from({ length: connections }, client)));
    };
    return {
      measure: () => drive("/v1/stackkits/gitea/download", downloadsPerRound, connections),
      compare: readBySdk,
      close,
    };
  },
});

/** Memory of the host in megabytes after 50 clients have downloaded for a while, against before. */
const memoryPair = (): Pair => ({
  name: "Kits: memory with 50 clients",
  bound: { kind: "ratio", max: 1.1 },
  unit: "MB",
  measured: "after 1,000 downloads more",
  baseline: "after the first 8,000",
  rounds: 5,
  warmUp: 0,
  open: async () => {
    const { get, drive, close } = await openKits();
    const megabytes = async (): Promise<number> => {
      const { rssBytes } = JSON.parse(String(await get("/memory"))) as { rssBytes: number };
      return rssBytes / 1_000_000;
    };
    const load = () => drive("/v1/stackkits/nextcloud/download", 1_000, crowd);
    // Until then the heap finds its size.
    for (let count = 0; count < 8; count += 1) await load();
    const first = await megabytes();
    return { measure: () => load().then(megabytes), compare: () => Promise.resolve(first), close };
  },
});

export const kitsApi = (): readonly Pair[] => [
  readPair("Kits: list", "/v1/stackkits?limit=10"),
  readPair("Kits: get", "/v1/stackkits/gitea"),
  downloadPair(),
  memoryPair(),
];
