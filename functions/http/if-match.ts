import type { HttpRequest } from "@azure/functions";
import { DomainError } from "../../shared/kernel/errors.ts";

/** A revision as the ETag of its resource. */
export const revisionTag = (revision: number): string => `"${revision}"`;

/** The revision a change is asked for on. @throws DomainError `invalid-input` without an If-Match of one revision */
export const readIfMatch = (request: HttpRequest): number => {
  const revision = /^"(\d{1,15})"$/.exec(request.headers.get("if-match") ?? "")?.[1];
  if (revision !== undefined) return Number(revision);
  throw new DomainError(
    "invalid-input",
    'Send the ETag that was read in the header If-Match, for example If-Match: "3".',
  );
};
