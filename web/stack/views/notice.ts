import { busyButton } from "../../page/busy-button.ts";
import { element } from "../../page/element.ts";
import type { StackFailure } from "../stack-error.ts";

/** What went wrong; read out when it appears. */
export const failureNotice = ({ kind, message }: StackFailure, retry?: () => Promise<void>): HTMLElement =>
  element(
    "div",
    { class: "notice bad stack", role: "alert" },
    element("p", {}, kind === "passing" ? `${message} Please try again.` : message),
    retry === undefined ? undefined : busyButton("Try again", retry, { className: "quiet compact" }),
  );

/** A page of its own for those who cannot go on here, with the way back to the console. */
export const outsideView = (heading: string, text: string, door = "Go to the console"): HTMLElement =>
  element(
    "section",
    { class: "card stack" },
    element("h1", {}, heading),
    element("p", { class: "soft" }, text),
    element("a", { class: "button", href: "../../" }, door),
  );
