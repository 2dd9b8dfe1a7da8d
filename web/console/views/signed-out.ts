import { busyButton } from "../../page/busy-button.ts";
import { element } from "../../page/element.ts";
import { headingOf } from "../screen.ts";

/** What kombify is, and the way in. */
export const signedOutView = (signIn: () => Promise<void>, notice?: HTMLElement | string): HTMLElement => {
  const note = typeof notice === "string" ? element("p", { class: "notice", role: "status" }, notice) : notice;
  return element(
    "section",
    { class: "hero stack" },
    note,
    headingOf("Your homelab, run as a service."),
    element(
      "p",
      { class: "lead soft" },
      "kombify gives your organisation a Stack of its own: one place for the nodes, services and deployments of your homelab, kept apart from everybody else's.",
    ),
    busyButton("Sign in", signIn),
  );
};
