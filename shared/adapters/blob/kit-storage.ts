import { Readable } from "node:stream";
import type { TokenCredential } from "@azure/identity";
import type { BlockBlobClient, ContainerClient } from "@azure/storage-blob";
import { DomainError } from "../../kernel/errors.ts";
import { indexBlob } from "../../stackkits/kit-index.ts";
import type { KitStorage } from "../../stackkits/ports.ts";

/** A storage account: by its blob service's URL and an identity, or (an emulator) by a connection string. */
export type BlobAccount =
  { readonly url: string; readonly credential: TokenCredential } | { readonly connectionString: string };

export interface BlobKitStorageOptions {
  readonly account: BlobAccount;
  readonly container: string;
  /** Made when it is missing; in Azure the container is part of the template. */
  readonly isContainerMade: boolean;
}

const retryOptions = { maxTries: 3, tryTimeoutInMs: 10_000, retryDelayInMs: 100, maxRetryDelayInMs: 1_000 };

const openContainer = async ({ account, container, isContainerMade }: BlobKitStorageOptions) => {
  const { BlobServiceClient } = await import("@azure/storage-blob");
  const service =
    "url" in account
      ? new BlobServiceClient(account.url, account.credential, { retryOptions })
      : BlobServiceClient.fromConnectionString(account.connectionString, { retryOptions });
  const client = service.getContainerClient(container);
  if (isContainerMade) await client.createIfNotExists();
  return client;
};

const statusOf = (error: unknown): unknown =>
  error instanceof Error && "statusCode" in error ? error.statusCode : undefined;

/** What `statuses` say is an answer; everything else is a store that cannot be reached. */
const answerOr = async <T, U>(call: () => Promise<T>, statuses: readonly number[], answer: U): Promise<T | U> => {
  try {
    return await call();
  } catch (error) {
    if (error instanceof DomainError) throw error;
    if (statuses.some((status) => status === statusOf(error))) return answer;
    throw new DomainError("unavailable", "The store of kits cannot be reached.", { cause: error });
  }
};

const upload = (blob: BlockBlobClient, bytes: Uint8Array, contentType: string, etag: string | null) =>
  blob.upload(Buffer.from(bytes), bytes.length, {
    blobHTTPHeaders: { blobContentType: contentType },
    conditions: etag === null ? { ifNoneMatch: "*" } : { ifMatch: etag },
  });

const readWhole = async (blob: BlockBlobClient, sizeMax: number) => {
  const { readableStreamBody, etag = "", contentLength = 0 } = await blob.download();
  const body = Readable.from(readableStreamBody ?? []);
  if (contentLength > sizeMax) {
    body.destroy();
    throw new DomainError("too-large", `The blob has more than ${sizeMax} bytes.`);
  }
  const parts: Uint8Array[] = [];
  for await (const part of body) if (part instanceof Uint8Array) parts.push(part);
  return { bytes: Buffer.concat(parts), etag };
};

/** Kits in a container of a storage account. The SDK is loaded when it is first needed. */
export const blobKitStorage = (options: BlobKitStorageOptions): KitStorage => {
  let opened: Promise<ContainerClient> | undefined;
  const blobOf = async (name: string): Promise<BlockBlobClient> => {
    opened ??= openContainer(options);
    try {
      return (await opened).getBlockBlobClient(name);
    } catch (error) {
      opened = undefined;
      throw error;
    }
  };
  return {
    read: (name, sizeMax) => answerOr(async () => readWhole(await blobOf(name), sizeMax), [404], undefined),
    stream: (name, { range, etag, signal } = {}) => {
      const [offset, count] = range === undefined ? [0, undefined] : [range.start, range.end - range.start + 1];
      const call = async () => {
        const blob = await blobOf(name);
        const answer = await blob.download(offset, count, {
          maxRetryRequests: 3,
          ...(etag === undefined ? {} : { conditions: { ifMatch: etag } }),
          ...(signal === undefined ? {} : { abortSignal: signal }),
        });
        const source = answer.readableStreamBody;
        const body = Readable.toWeb(source instanceof Readable ? source : Readable.from(source ?? []));
        return { body: bytesOf(body), sizeBytes: answer.contentLength ?? 0 };
      };
      return answerOr(call, [404, 412], undefined);
    },
    create: async (name, bytes, contentType) => {
      const call = async () => {
        await upload(await blobOf(name), bytes, contentType, null);
        return "created" as const;
      };
      return answerOr(call, [409, 412], "exists" as const);
    },
    replaceIndex: (bytes, etag) =>
      answerOr(
        async () => ({ etag: (await upload(await blobOf(indexBlob), bytes, "application/json", etag)).etag ?? "" }),
        [409, 412, 404],
        undefined,
      ),
  };
};

/** Node types the chunks of a converted stream as anything; those of a download are bytes. */
const bytesOf = (stream: ReturnType<typeof Readable.toWeb>) => stream as ReadableStream<Uint8Array>;
