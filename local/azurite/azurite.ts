import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type AzuriteServer, loadAzurite } from "./azurite-modules.ts";

const account = "devstoreaccount1";
/** Published by Microsoft for every emulator: it protects nothing. */
const publicAccountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/** Azurite saves its lists every 5 s; a message that was acknowledged and then lost to `kill -9` would be no stand-in. */
const saveIntervalMilliseconds = 100;
const answerTimeoutMilliseconds = 5000;
const drainTimeoutMilliseconds = 5000;

export interface AzuriteOptions {
  /** On 127.0.0.1; 0 takes a free one. */
  readonly blobPort: number;
  readonly queuePort: number;
  readonly dataDirectory: string;
}

export interface Azurite {
  readonly connectionString: string;
  /** With the account, without a slash at the end. */
  readonly blobUrl: string;
  readonly queueUrl: string;
  /** Saves everything and closes both servers. */
  readonly stop: () => Promise<void>;
}

const makeServer = (kind: "blob" | "queue", port: number, dataDirectory: string): AzuriteServer => {
  const { Configuration, Server } = loadAzurite()[kind];
  const path = (name: string): string => join(dataDirectory, name);
  const configuration = new Configuration(
    "127.0.0.1",
    port,
    5,
    path(`__azurite_db_${kind}__.json`),
    path(`__azurite_db_${kind}_extent__.json`),
    [{ locationId: "Default", locationPath: path(`__${kind}storage__`), maxConcurrency: kind === "blob" ? 50 : 1 }],
    false,
    undefined,
    false,
    undefined,
    false,
    // Azure's clients move to newer API versions before Azurite knows them.
    true,
  );
  return new Server(configuration);
};

const saveOften = ({ metadataStore, extentMetadataStore }: AzuriteServer): void => {
  for (const { db } of [metadataStore, extentMetadataStore]) {
    db.autosaveDisable();
    db.autosaveInterval = saveIntervalMilliseconds;
    db.autosaveEnable();
  }
};

/**
 * Closing saves what has changed since the last save began, but does not wait for a save that is still being written:
 * whoever ends the process then loses it.
 */
const close = async (server: AzuriteServer): Promise<void> => {
  await server.close();
  const bound = { recursiveWaitLimit: true, recursiveWaitLimitDuration: drainTimeoutMilliseconds };
  for (const { db } of [server.metadataStore, server.extentMetadataStore]) {
    const isDrained = await new Promise<boolean>((done) => db.throttledSaveDrain(done, bound));
    if (!isDrained) throw new Error(`Azurite could not save its lists within ${drainTimeoutMilliseconds} ms.`);
  }
};

const requireAnswer = async (url: string): Promise<void> => {
  // Unsigned, so the answer is a refusal; that it comes is what counts.
  const response = await fetch(`${url}?comp=list`, { signal: AbortSignal.timeout(answerTimeoutMilliseconds) });
  await response.body?.cancel();
};

/** Starts Azurite's blob and queue services in this process. @throws Error when a port is taken */
export const startAzurite = async ({ blobPort, queuePort, dataDirectory }: AzuriteOptions): Promise<Azurite> => {
  await mkdir(dataDirectory, { recursive: true });
  const blob = makeServer("blob", blobPort, dataDirectory);
  const queue = makeServer("queue", queuePort, dataDirectory);
  await blob.start();
  try {
    await queue.start();
  } catch (error) {
    await close(blob);
    throw error;
  }
  for (const server of [blob, queue]) saveOften(server);
  const blobUrl = `${blob.getHttpServerAddress()}/${account}`;
  const queueUrl = `${queue.getHttpServerAddress()}/${account}`;
  await Promise.all([requireAnswer(blobUrl), requireAnswer(queueUrl)]);
  return {
    connectionString: [
      "DefaultEndpointsProtocol=http",
      `AccountName=${account}`,
      `AccountKey=${publicAccountKey}`,
      `BlobEndpoint=${blobUrl}`,
      `QueueEndpoint=${queueUrl}`,
      "",
    ].join(";"),
    blobUrl,
    queueUrl,
    stop: async () => {
      await Promise.all([close(blob), close(queue)]);
    },
  };
};
