import { byId, element } from "../../page/element.ts";
import { announce } from "../../page/live-region.ts";
import type { StackSession } from "../stack-session.ts";

/** Shows who is signed in, with which role, and whether changes arrive as they happen. */
export const showAccount = ({ name, role }: StackSession, signOut: () => void) => {
  const live = element("span", { class: "badge dot" }, "Connecting");
  const button = element("button", { type: "button", class: "quiet compact" }, "Sign out");
  button.addEventListener("click", signOut);
  byId("account", HTMLElement).replaceChildren(
    live,
    element(
      "div",
      { class: "person" },
      element("strong", {}, name),
      element("span", { class: "soft small" }, role === "admin" ? "Administrator" : "Member"),
    ),
    button,
  );
  return {
    setLive: (isLive: boolean): void => {
      live.className = `badge dot ${isLive ? "good" : "warn"}`;
      live.textContent = isLive ? "Live" : "Reconnecting";
      announce(isLive ? "Changes are shown as they happen." : "The connection is interrupted. Reconnecting.");
    },
  };
};

export const hideAccount = (): void => byId("account", HTMLElement).replaceChildren();
