import { createHmac } from "node:crypto";
import type { HttpRequest } from "@azure/functions";
import { isSameText } from "../../shared/dashboard/sign-in.ts";
import type { Visit } from "./visits.ts";

/** As long as a browser may take to follow a redirect, and somebody to read the page and reload it. */
const lifeSeconds = 60;

/** The form token is known to this session's own pages only: nobody else can make a link that says "done". */
const proofOf = ({ session }: Visit, name: string, untilSeconds: number): string =>
  createHmac("sha256", session.formToken).update(`done/${name}/${untilSeconds}`).digest("base64url");

/** The page to go on to after an action, with a proof that it was done: for this session, for a minute. */
export const doneAddress = (visit: Visit, path: string, name: string, now: Date): string => {
  const untilSeconds = Math.floor(now.getTime() / 1000) + lifeSeconds;
  return `${path}?done=${name}.${untilSeconds}.${proofOf(visit, name, untilSeconds)}`;
};

/** The name of the action that was done a moment ago; "" for a link that anybody may have made, or an old one. */
export const readDone = (visit: Visit, request: HttpRequest, now: Date): string => {
  const [, name = "", until = "", proof = ""] =
    /^([\w-]{1,40})\.(\d{1,12})\.([\w-]{43})$/.exec(request.query.get("done") ?? "") ?? [];
  const untilSeconds = Number(until);
  const isDone = untilSeconds * 1000 > now.getTime() && isSameText(proof, proofOf(visit, name, untilSeconds));
  return isDone ? name : "";
};
