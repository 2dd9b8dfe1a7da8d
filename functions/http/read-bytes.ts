import type { HttpRequest } from "@azure/functions";
import { DomainError } from "../../shared/kernel/errors.ts";

/** The body's bytes as they came, which is what a signature was made over. @throws DomainError `too-large` */
export const readBytes = async (request: HttpRequest, bytesMax: number): Promise<Uint8Array> => {
  const tooLarge = (): DomainError => new DomainError("too-large", `The body is larger than ${bytesMax / 1024} KiB.`);
  if (Number(request.headers.get("content-length") ?? 0) > bytesMax) throw tooLarge();
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.byteLength > bytesMax) throw tooLarge();
  return bytes;
};
