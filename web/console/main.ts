import { byId } from "../page/element.ts";
import { listOf, shape, text } from "../page/shape.ts";
import { toApiError } from "./api/api-error.ts";
import { fetchJson } from "./api/fetch-json.ts";
import type { PlatformApi } from "./api/platform-api.ts";
import { platformApi } from "./api/platform-api.ts";
import { forgetStackSession } from "./open-stack.ts";
import type { Show } from "./screen.ts";
import { card, makeShow } from "./screen.ts";
import { newSecret } from "./sign-in/pkce.ts";
import { takeReturn } from "./sign-in/return-to.ts";
import type { Session } from "./sign-in/session.ts";
import { tabMemory } from "./sign-in/session.ts";
import type { SignInDeps } from "./sign-in/sign-in.ts";
import { beginSignIn, endSession, finishSignIn } from "./sign-in/sign-in.ts";
import { showTenantPage } from "./tenant-page.ts";
import { showAccount } from "./views/account.ts";
import { instancesView } from "./views/instances.ts";
import { problemNotice } from "./views/problem.ts";
import { signedOutView } from "./views/signed-out.ts";

const readConfig = shape({ issuer: text, clientId: text, scopes: listOf(text), operatorOrgId: text });

const clock = (): Date => new Date();
const fillRandom = (bytes: Uint8Array<ArrayBuffer>): void => void crypto.getRandomValues(bytes);
const wait = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

const showSignedOut = (deps: SignInDeps, show: Show, notice?: HTMLElement | string): void => {
  const signIn = async (): Promise<void> => {
    try {
      location.assign(await beginSignIn(deps));
    } catch (error) {
      showSignedOut(deps, show, problemNotice(toApiError(error)));
    }
  };
  deps.memory.forget();
  showAccount();
  showAside();
  show("kombify", signedOutView(signIn, notice));
};

const showAside = (content?: HTMLElement): void => {
  const aside = byId("aside", HTMLElement);
  aside.hidden = content === undefined;
  aside.replaceChildren(...(content === undefined ? [] : [content]));
};

/** Somebody who has just lost the role is refused; the page then shows what everybody sees. */
const showInstances = async (api: PlatformApi): Promise<void> => {
  try {
    showAside(instancesView(await api.instances()));
  } catch (cause) {
    const error = toApiError(cause);
    const isRefused = error.facts.status === 403 || error.facts.status === 401;
    if (!isRefused) showAside(problemNotice(error, () => showInstances(api)));
  }
};

const showSignedIn = async (deps: SignInDeps, show: Show, { accessToken, person }: Session): Promise<void> => {
  const api = platformApi(accessToken);
  let publicEndpoint: string | undefined;
  const signOut = async (): Promise<void> => {
    if (publicEndpoint !== undefined) forgetStackSession(publicEndpoint);
    // Where the identity provider cannot be asked, the person is signed out of this page all the same.
    location.assign(await endSession(deps).catch(() => "/"));
  };
  showAccount(person, signOut);
  const page = showTenantPage({
    api,
    organisation: person.organisation,
    show,
    wait,
    newKey: () => newSecret(fillRandom),
    leave: (url) => location.assign(url),
    takeBought,
    onTenant: ({ instance }) => (publicEndpoint = instance?.publicEndpoint),
    onSignInEnded: () => showSignedOut(deps, show, "Your sign-in has ended. Please sign in again."),
  });
  await Promise.all([page, person.isOperator ? showInstances(api) : undefined]);
};

/** The code in the callback's address is taken out of it before anything else is done. */
const takeCallback = (): URLSearchParams | undefined => {
  if (location.pathname !== "/callback") return undefined;
  const query = new URLSearchParams(location.search);
  history.replaceState(null, "", "/");
  return query;
};

/** Says once whether the person has just paid; the address then no longer says so, and a reload is only a reload. */
const takeBought = (): boolean => {
  const billing = new URLSearchParams(location.search).get("billing");
  if (billing !== null) history.replaceState(null, "", "/");
  return billing === "bought";
};

const start = async (show: Show, callback: URLSearchParams | undefined): Promise<void> => {
  const config = readConfig(await fetchJson("/console/config.json"));
  const memory = tabMemory(sessionStorage, clock);
  const deps: SignInDeps = { config, memory, clock, fillRandom, origin: location.origin };
  let notice: HTMLElement | string | undefined;
  if (callback !== undefined) {
    notice = await finishSignIn(deps, callback).catch((error: unknown) => problemNotice(toApiError(error)));
    const wanted = takeReturn(sessionStorage);
    if (wanted !== undefined && notice === undefined) {
      location.replace(wanted);
      return;
    }
  }
  const session = memory.session();
  if (session === undefined) showSignedOut(deps, show, notice);
  else await showSignedIn(deps, show, session);
};

const show = makeShow();
const callback = takeCallback();
const run = async (): Promise<void> => {
  try {
    await start(show, callback);
  } catch (error) {
    show("kombify", card("kombify cannot be shown", problemNotice(toApiError(error), run)));
  }
};
await run();
