import type { HttpRequest } from "@azure/functions";
import type { ZodType } from "zod";
import { DomainError } from "../../shared/kernel/errors.ts";
import { readBytes } from "./read-bytes.ts";

/** Bodies of this API are small; the gateway's own limit is the same. */
const bodyBytesMax = 64 * 1024;

/** The body as text. @throws DomainError `too-large`, `invalid-input` (not UTF-8) */
export const readText = async (request: HttpRequest, bytesMax = bodyBytesMax): Promise<string> => {
  const bytes = await readBytes(request, bytesMax);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch (cause) {
    throw new DomainError("invalid-input", "The body is not valid UTF-8 text.", { cause });
  }
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new DomainError("invalid-input", "The body is not valid JSON.", { cause });
  }
};

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

/** The JSON body, checked. @throws DomainError `invalid-input`, `too-large` */
export const readJson = async <T>(request: HttpRequest, schema: ZodType<T>, bytesMax = bodyBytesMax): Promise<T> => {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/(json|[\w.+-]+\+json)\s*(;|$)/i.test(type)) {
    throw new DomainError("invalid-input", "Send the body as JSON with the header content-type: application/json.");
  }
  return parseInput(schema, parseJson(await readText(request, bytesMax)));
};
