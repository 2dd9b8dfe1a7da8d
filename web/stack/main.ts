import PocketBase, { BaseAuthStore } from "pocketbase";
import { byId } from "../page/element.ts";
import { showHomelab } from "./homelab-page.ts";
import type { StackFailure } from "./stack-error.ts";
import { toStackFailure } from "./stack-error.ts";
import { followCookie, openSession } from "./stack-session.ts";
import { hideAccount, showAccount } from "./views/account.ts";
import { failureNotice, outsideView } from "./views/notice.ts";

const consolePath = "../../";

// The store in memory: the SDK's own would keep the token in localStorage, for every page of the origin.
const pocketbase = new PocketBase(new URL(".", location.href).href, new BaseAuthStore());
pocketbase.autoCancellation(false);

const showOutside = ({ kind }: StackFailure): void => {
  hideAccount();
  if (kind === "ended") pocketbase.authStore.clear();
  const view =
    kind === "suspended"
      ? outsideView(
          "Your Stack is paused",
          "Access is paused for everybody in your organisation. Your data is kept and comes back as it was.",
        )
      : outsideView(
          "You are not signed in here",
          "A Stack is opened from the console, which signs you in without asking for a password again.",
        );
  byId("main", HTMLElement).replaceChildren(view);
};

const signOut = (): void => {
  pocketbase.authStore.clear();
  location.assign(consolePath);
};

const start = async (): Promise<void> => {
  try {
    const session = await openSession(pocketbase);
    if (session === undefined) {
      showOutside({ kind: "ended", message: "", fieldErrors: {} });
      return;
    }
    const { setLive } = showAccount(session, signOut);
    await showHomelab({ pocketbase, session, onLive: setLive, onOutside: showOutside });
  } catch (error) {
    const failure = toStackFailure(error);
    if (failure.kind === "passing") byId("main", HTMLElement).replaceChildren(failureNotice(failure, start));
    else showOutside(failure.kind === "suspended" ? failure : { ...failure, kind: "ended" });
  }
};

followCookie(pocketbase);
await start();
