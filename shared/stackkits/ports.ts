/** Inclusive at both ends, as HTTP has it. */
export interface BlobRange {
  readonly start: number;
  readonly end: number;
}

/** The container `stackkits`. Every call is bounded; failures of the store are `unavailable`. */
export interface KitStorage {
  /** A small blob as a whole; undefined when there is none. More than `sizeMax` bytes are `too-large`. */
  readonly read: (
    name: string,
    sizeMax: number,
  ) => Promise<{ readonly bytes: Uint8Array; readonly etag: string } | undefined>;
  /**
   * A blob, or a range of it, as it comes; undefined when there is none, or none with this `etag`. Whoever takes it reads or
   * cancels it.
   */
  readonly stream: (
    name: string,
    options?: { readonly range?: BlobRange; readonly etag?: string; readonly signal?: AbortSignal },
  ) => Promise<{ readonly body: ReadableStream<Uint8Array>; readonly sizeBytes: number } | undefined>;
  /** "exists" when the name is taken: published bytes never change. */
  readonly create: (name: string, bytes: Uint8Array, contentType: string) => Promise<"created" | "exists">;
  /** Writes index.json if it still has this etag (null: if there is none); undefined when another was faster. */
  readonly replaceIndex: (bytes: Uint8Array, etag: string | null) => Promise<{ readonly etag: string } | undefined>;
}
