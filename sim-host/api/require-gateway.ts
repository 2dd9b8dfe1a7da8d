import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { DomainError } from "../../shared/kernel/errors.ts";
import { headerOf } from "./read-headers.ts";

/** By which the gateway shows that a request came through it; it removes any that came from outside. */
const header = "x-kombify-gateway-key";

/** Of the same length whatever was presented, as constant-time comparison needs. */
const digestOf = (key: string): Buffer => createHash("sha256").update(key).digest();

/**
 * Lets in what came through the gateway. More than one key is good while they are being changed.
 * @throws DomainError `unauthenticated`; alike for a missing and a wrong key
 */
export const makeRequireGateway = (keys: readonly string[]) => {
  const digests = keys.map(digestOf);
  return (request: FastifyRequest): void => {
    const digest = digestOf(headerOf(request)(header) ?? "");
    // No early exit: every key is compared, each in constant time.
    if (digests.filter((key) => timingSafeEqual(key, digest)).length > 0) return;
    throw new DomainError("unauthenticated", "Requests must come through the gateway.");
  };
};
