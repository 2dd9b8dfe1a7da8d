import type { ZodType } from "zod";
import { DomainError } from "../kernel/errors.ts";

/** Checks a value that came from outside; every finding is named with its place. @throws DomainError `invalid-input` */
export const parseInput = <T>(schema: ZodType<T>, value: unknown): T => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({
    pointer: `/${path.map(String).join("/")}`,
    detail: message,
  }));
  const summary = errors
    .map(({ pointer, detail }) => (pointer === "/" ? detail : `${pointer.slice(1)}: ${detail}`))
    .join("; ");
  throw new DomainError("invalid-input", summary.slice(0, 1000), { facts: { errors: errors.slice(0, 20) } });
};

/** @throws DomainError `invalid-input` for bytes that are not UTF-8 */
export const decodeText = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch (cause) {
    throw new DomainError("invalid-input", "The body is not valid UTF-8 text.", { cause });
  }
};

/** @throws DomainError `invalid-input` */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new DomainError("invalid-input", "The body is not valid JSON.", { cause });
  }
};
