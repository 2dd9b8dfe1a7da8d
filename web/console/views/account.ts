import { busyButton } from "../../page/busy-button.ts";
import { byId, element } from "../../page/element.ts";
import type { Person } from "../sign-in/id-token.ts";

/** Shows in the page's head who is signed in, and for which organisation; nobody clears it. */
export const showAccount = (person?: Person, signOut?: () => Promise<void>): void => {
  const place = byId("account", HTMLElement);
  if (person === undefined || signOut === undefined) {
    place.replaceChildren();
    return;
  }
  place.replaceChildren(
    element(
      "div",
      { class: "person" },
      element("strong", {}, person.name),
      element("span", { class: "soft small" }, person.organisation === "" ? person.email : person.organisation),
    ),
    busyButton("Sign out", signOut, { className: "quiet compact" }),
  );
};
