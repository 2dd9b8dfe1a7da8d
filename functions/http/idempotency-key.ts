import type { HttpRequest } from "@azure/functions";
import { idempotencyKeyOf } from "../../shared/gateway/request-headers.ts";

/** The Idempotency-Key header, if any. @throws DomainError `invalid-input` for one that is empty, long or not printable */
export const readIdempotencyKey = (request: HttpRequest): string | undefined =>
  idempotencyKeyOf((name) => request.headers.get(name));
