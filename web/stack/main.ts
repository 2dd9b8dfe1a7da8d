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

const notSignedInView = (): HTMLElement =>
  outsideView(
    "You are not signed in here",
    "A Stack is opened from the console, which signs you in without asking for a password again.",
  );

const endedView = (): HTMLElement =>
  outsideView(
    "Your session has ended",
    "Your last change was not saved. The console signs you in again and opens your Stack.",
    "Sign in again",
  );

const pausedView = (): HTMLElement =>
  outsideView(
    "Your Stack is paused",
    "Access is paused for everybody in your organisation. Your data is kept and comes back as it was.",
  );

const leaveWith = (view: HTMLElement): void => {
  hideAccount();
  byId("main", HTMLElement).replaceChildren(view);
  view.querySelector("a")?.focus();
};

/** The page is over for this person: nothing of it stays, and nothing is tried any more. */
const showOutside = ({ kind }: StackFailure): void => {
  pocketbase.realtime.onDisconnect = () => undefined;
  void pocketbase.realtime.unsubscribe();
  if (kind === "ended") pocketbase.authStore.clear();
  leaveWith(kind === "suspended" ? pausedView() : endedView());
};

const signOut = (): void => {
  pocketbase.authStore.clear();
  location.assign(consolePath);
};

const start = async (): Promise<void> => {
  try {
    const session = await openSession(pocketbase);
    if (session === undefined) {
      leaveWith(notSignedInView());
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
