import type { ApiError } from "../api/api-error.ts";
import { busyButton } from "../../page/busy-button.ts";
import { element } from "../../page/element.ts";

const whenOf = (seconds: number): string => (seconds === 1 ? "one second" : `${seconds} seconds`);

/** What went wrong as sentences, with the id under which the platform's log has it. Read out when it appears. */
export const problemNotice = ({ message, facts }: ApiError, retry?: () => Promise<void>): HTMLElement => {
  const { requestId, retryAfterSeconds, status } = facts;
  const isTemporary = status === 0 || status === 429 || status >= 500;
  const advice =
    retryAfterSeconds === undefined ? "Please try again." : `Please try again in ${whenOf(retryAfterSeconds)}.`;
  return element(
    "div",
    { class: "notice bad stack", role: "alert" },
    element("p", {}, isTemporary ? `${message} ${advice}` : message),
    requestId === undefined ? undefined : element("p", { class: "small" }, "Request ", element("code", {}, requestId)),
    retry === undefined ? undefined : busyButton("Try again", retry, { className: "quiet compact" }),
  );
};
