import { readByteRange } from "./byte-range.ts";

/** The published bytes of a version; they never change. */
export interface Archive {
  readonly fileName: string;
  readonly sizeBytes: number;
  /** SHA-256, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** The conditional headers of a request; null where one is not sent. */
export interface DownloadRequest {
  readonly range: string | null;
  readonly ifRange: string | null;
  readonly ifNoneMatch: string | null;
}

/** How a download is answered. `read` is what has to be streamed; without it the answer has no body. */
export interface DownloadPlan {
  readonly status: 200 | 206 | 304 | 416;
  readonly headers: Readonly<Record<string, string>>;
  readonly read?: { readonly start: number; readonly end: number };
}

const matchesAny = (header: string, etag: string): boolean =>
  header.split(",").some((given) => given.trim() === "*" || given.trim().replace(/^W\//, "") === etag);

/** RFC 9110 (conditions, ranges) and RFC 9530 (Repr-Digest: of the whole file, also in a 206 answer). */
export const planDownload = (archive: Archive, request: DownloadRequest): DownloadPlan => {
  const etag = `"sha256-${archive.sha256}"`;
  const validators = {
    etag,
    "accept-ranges": "bytes",
    // Who may download depends on the plan: every use is asked about again.
    "cache-control": "private, no-cache",
  };
  const headers = {
    ...validators,
    "repr-digest": `sha-256=:${Buffer.from(archive.sha256, "hex").toString("base64")}:`,
  };
  if (request.ifNoneMatch !== null && matchesAny(request.ifNoneMatch, etag)) return { status: 304, headers };
  const isSameFile = request.ifRange === null || request.ifRange.trim() === etag;
  const range = readByteRange(isSameFile ? request.range : null, archive.sizeBytes);
  if (range.kind === "unsatisfiable") {
    // Its body is a problem, which the digest of the archive does not fit (RFC 9530, appendix B.10).
    return { status: 416, headers: { ...validators, "content-range": `bytes */${archive.sizeBytes}` } };
  }
  const { start, end } = range.kind === "part" ? range : { start: 0, end: archive.sizeBytes - 1 };
  return {
    status: range.kind === "part" ? 206 : 200,
    headers: {
      ...headers,
      "content-type": "application/gzip",
      "content-disposition": `attachment; filename="${archive.fileName}"`,
      "content-length": String(end - start + 1),
      ...(range.kind === "part" ? { "content-range": `bytes ${start}-${end}/${archive.sizeBytes}` } : {}),
    },
    read: { start, end },
  };
};
