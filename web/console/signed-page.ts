import { element } from "../page/element.ts";
import { listOf, shape, text } from "../page/shape.ts";
import type { ApiError } from "./api/api-error.ts";
import { toApiError } from "./api/api-error.ts";
import { fetchJson } from "./api/fetch-json.ts";
import type { Show } from "./screen.ts";
import { card, makeShow } from "./screen.ts";
import { rememberReturn } from "./sign-in/return-to.ts";
import type { Session } from "./sign-in/session.ts";
import { tabMemory } from "./sign-in/session.ts";
import type { SignInDeps } from "./sign-in/sign-in.ts";
import { beginSignIn, endSession } from "./sign-in/sign-in.ts";
import { showAccount } from "./views/account.ts";
import { problemNotice } from "./views/problem.ts";
import { signedOutView } from "./views/signed-out.ts";

const readConfig = shape({ issuer: text, clientId: text, scopes: listOf(text), operatorOrgId: text });
const clock = (): Date => new Date();
const fillRandom = (bytes: Uint8Array<ArrayBuffer>): void => void crypto.getRandomValues(bytes);

export interface Signed extends Session {
  readonly show: Show;
  /** To be called when the platform no longer accepts the sign-in. */
  readonly signInEnded: () => void;
}

interface SignedPage {
  /** What signed-out people read. */
  readonly invitation: string;
  /** Heading for when nothing at all can be shown. */
  readonly failure: string;
  /** Fills the page. What it throws is shown in its place. */
  readonly fill: (signed: Signed) => Promise<void>;
  /** Where people may go when it cannot be filled, as addresses and words. */
  readonly doors: readonly (readonly [href: string, words: string])[];
  /** What is shown instead of the bare failure, if it knows better. */
  readonly explain?: (error: ApiError) => HTMLElement | undefined;
}

const showSignedOut = (deps: SignInDeps, show: Show, notice: string): void => {
  deps.memory.forget();
  showAccount();
  const signIn = async (): Promise<void> => {
    rememberReturn(sessionStorage, `${location.pathname}${location.search}`);
    location.assign(await beginSignIn(deps));
  };
  show("kombify", signedOutView(signIn, notice));
};

const doorsOf = ({ doors }: SignedPage): HTMLElement => {
  const links = doors.map(([href, words]) => element("a", { href }, words));
  return element("p", {}, ...links.flatMap((link, index) => (index === 0 ? [link] : [" · ", link])));
};

const showSignedIn = async (page: SignedPage, deps: SignInDeps, show: Show, session: Session): Promise<void> => {
  const signInEnded = (): void => showSignedOut(deps, show, "Your sign-in has ended. Please sign in again.");
  showAccount(session.person, async () => location.assign(await endSession(deps).catch(() => "/")));
  try {
    await page.fill({ ...session, show, signInEnded });
  } catch (cause) {
    const error = toApiError(cause);
    const again = (): Promise<void> => showSignedIn(page, deps, show, session);
    if (error.facts.status === 401) signInEnded();
    else {
      const known = page.explain?.(error);
      const words = "This did not work";
      show(words, known ?? card(words, problemNotice(error, again), doorsOf(page)));
    }
  }
};

/** A page of its own beside the console's: asks people to sign in, and comes back to the same address. */
export const runSignedPage = async (page: SignedPage): Promise<void> => {
  const show = makeShow();
  const run = async (): Promise<void> => {
    try {
      const config = readConfig(await fetchJson("/console/config.json"));
      const memory = tabMemory(sessionStorage, clock);
      const deps: SignInDeps = { config, memory, clock, fillRandom, origin: location.origin };
      const session = memory.session();
      if (session === undefined) showSignedOut(deps, show, page.invitation);
      else await showSignedIn(page, deps, show, session);
    } catch (error) {
      show("kombify", card(page.failure, problemNotice(toApiError(error), run)));
    }
  };
  await run();
};
