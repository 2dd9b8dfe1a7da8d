import type { HttpRequest } from "@azure/functions";
import { DomainError } from "../../shared/kernel/errors.ts";

/** The Idempotency-Key header, if any. @throws DomainError `invalid-input` for one that is empty, long or not printable */
export const readIdempotencyKey = (request: HttpRequest): string | undefined => {
  const key = request.headers.get("idempotency-key");
  if (key === null) return undefined;
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new DomainError(
      "invalid-input",
      "Idempotency-Key must be 1 to 255 printable ASCII characters without spaces.",
    );
  }
  return key;
};
