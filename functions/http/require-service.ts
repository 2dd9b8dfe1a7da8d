import type { HttpRequest } from "@azure/functions";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { ServiceKeys } from "../../shared/secrets/service-keys.ts";

/** Lets services of the platform in, by their key, and nobody else. @throws DomainError `unauthenticated`, `unavailable` */
export type RequireService = (request: HttpRequest) => Promise<void>;

/** The same for a missing header, a user's token and a wrong key. */
export const makeRequireService =
  (keys: Pick<ServiceKeys, "isKey">): RequireService =>
  async (request) => {
    const key = /^Bearer (ksk_[\w-]{1,200})$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    if (key !== undefined && (await keys.isKey(key))) return;
    throw new DomainError("unauthenticated", "Send a service key in the header Authorization: Bearer <key>.");
  };
