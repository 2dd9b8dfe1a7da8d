import type { HttpRequest } from "@azure/functions";
import { isSameText } from "../../shared/dashboard/sign-in.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import { readText } from "../http/read-json.ts";

/** What a page of another origin makes the browser send, it cannot pass off as ours: browsers write these headers. */
const isFromOwnPage = (request: HttpRequest, publicOrigin: string): boolean => {
  const origin = request.headers.get("origin");
  if (origin !== null) return origin === publicOrigin;
  return request.headers.get("sec-fetch-site") === "same-origin";
};

/** @throws DomainError `forbidden` */
export const requireOwnPage = (request: HttpRequest, publicOrigin: string): void => {
  if (isFromOwnPage(request, publicOrigin)) return;
  throw new DomainError("forbidden", "This form was not sent from the dashboard. Nothing was done.");
};

/**
 * The fields of a form of our own pages. @throws DomainError `forbidden` for a form of another page or session,
 * `invalid-input`, `too-large`
 */
export const readForm = async (
  request: HttpRequest,
  publicOrigin: string,
  formToken: string,
): Promise<Readonly<Record<string, string>>> => {
  requireOwnPage(request, publicOrigin);
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(request.headers.get("content-type") ?? "")) {
    throw new DomainError("invalid-input", "Send the fields as a form.");
  }
  const { formToken: sent = "", ...fields } = Object.fromEntries(new URLSearchParams(await readText(request)));
  if (isSameText(sent, formToken)) return fields;
  throw new DomainError(
    "forbidden",
    "This form belongs to an earlier session. Go back, reload the page and try again.",
  );
};
