import type { FastifyRequest } from "fastify";
import type { HeaderOf } from "../../shared/gateway/request-headers.ts";
import { DomainError } from "../../shared/kernel/errors.ts";

/** Headers of a request one by one, as they came: Node joins or drops those that came twice, and nobody knows which counts. */
export const headerOf =
  (request: FastifyRequest): HeaderOf =>
  (name) => {
    const { rawHeaders } = request.raw;
    const values = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
    if (values.length <= 1) return values[0];
    throw new DomainError("invalid-input", `The header ${name} was sent more than once.`);
  };
