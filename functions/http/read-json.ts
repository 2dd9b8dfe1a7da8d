import type { HttpRequest } from "@azure/functions";
import type { ZodType } from "zod";
import { decodeText, parseInput, parseJson } from "../../shared/gateway/parse-input.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import { readBytes } from "./read-bytes.ts";

/** Bodies of this API are small; the gateway's own limit is the same. */
const bodyBytesMax = 64 * 1024;

/** The body as text. @throws DomainError `too-large`, `invalid-input` (not UTF-8) */
export const readText = async (request: HttpRequest, bytesMax = bodyBytesMax): Promise<string> =>
  decodeText(await readBytes(request, bytesMax));

/** The JSON body, checked. @throws DomainError `invalid-input`, `too-large` */
export const readJson = async <T>(request: HttpRequest, schema: ZodType<T>, bytesMax = bodyBytesMax): Promise<T> => {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/(json|[\w.+-]+\+json)\s*(;|$)/i.test(type)) {
    throw new DomainError("invalid-input", "Send the body as JSON with the header content-type: application/json.");
  }
  return parseInput(schema, parseJson(await readText(request, bytesMax)));
};
