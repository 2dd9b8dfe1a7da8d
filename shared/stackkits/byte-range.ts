/** What of a body is asked for (RFC 9110, section 14). `end` is inclusive. */
export type ByteRange =
  | { readonly kind: "whole" }
  | { readonly kind: "part"; readonly start: number; readonly end: number }
  | { readonly kind: "unsatisfiable" };

const suffixOf = (length: number, sizeBytes: number): ByteRange =>
  length === 0 || sizeBytes === 0
    ? { kind: "unsatisfiable" }
    : { kind: "part", start: Math.max(0, sizeBytes - length), end: sizeBytes - 1 };

/**
 * Reads a `Range` header. What is malformed, of another unit or of several ranges is ignored, as RFC 9110 14.2 allows:
 * the whole body is a correct answer to each of them.
 */
export const readByteRange = (header: string | null, sizeBytes: number): ByteRange => {
  const parts = /^bytes=(?<first>\d{0,15})-(?<last>\d{0,15})$/i.exec(header?.trim() ?? "")?.groups;
  if (parts === undefined) return { kind: "whole" };
  const { first, last } = parts;
  if (first === "") return last === "" ? { kind: "whole" } : suffixOf(Number(last), sizeBytes);
  const start = Number(first);
  const end = last === "" ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (start >= sizeBytes) return { kind: "unsatisfiable" };
  return end < start ? { kind: "whole" } : { kind: "part", start, end };
};
