import { element } from "../page/element.ts";
import { listOf, shape, text } from "../page/shape.ts";
import { toApiError } from "../console/api/api-error.ts";
import { fetchJson } from "../console/api/fetch-json.ts";
import type { Show } from "../console/screen.ts";
import { card, makeShow } from "../console/screen.ts";
import { rememberReturn } from "../console/sign-in/return-to.ts";
import type { Session } from "../console/sign-in/session.ts";
import { tabMemory } from "../console/sign-in/session.ts";
import type { SignInDeps } from "../console/sign-in/sign-in.ts";
import { beginSignIn, endSession } from "../console/sign-in/sign-in.ts";
import { showAccount } from "../console/views/account.ts";
import { problemNotice } from "../console/views/problem.ts";
import { signedOutView } from "../console/views/signed-out.ts";

const readConfig = shape({ issuer: text, clientId: text, scopes: listOf(text), operatorOrgId: text });
const readSimulations = shape({ simulations: listOf(shape({ name: text })) });
const clock = (): Date => new Date();
const fillRandom = (bytes: Uint8Array<ArrayBuffer>): void => void crypto.getRandomValues(bytes);

const showSignedOut = (deps: SignInDeps, show: Show, notice?: string): void => {
  deps.memory.forget();
  showAccount();
  const signIn = async (): Promise<void> => {
    rememberReturn(sessionStorage, `${location.pathname}${location.search}`);
    location.assign(await beginSignIn(deps));
  };
  show("kombify", signedOutView(signIn, notice ?? "Sign in to see your simulations."));
};

const showPage = async (deps: SignInDeps, show: Show, session: Session): Promise<void> => {
  const { accessToken, person } = session;
  showAccount(person, async () => location.assign(await endSession(deps).catch(() => "/")));
  try {
    const answer = await fetchJson("/v1/simulations", { headers: { authorization: `Bearer ${accessToken}` } });
    const names = readSimulations(answer).simulations.map(({ name }) => element("li", {}, name));
    const list = names.length === 0 ? element("p", {}, "There are none yet.") : element("ul", {}, ...names);
    show("Simulations", card("Simulations", list));
  } catch (cause) {
    const error = toApiError(cause);
    if (error.facts.status === 401) showSignedOut(deps, show, "Your sign-in has ended. Please sign in again.");
    else
      show(
        "Simulations",
        card(
          "Simulations",
          problemNotice(error, () => showPage(deps, show, session)),
        ),
      );
  }
};

const show = makeShow();
const run = async (): Promise<void> => {
  try {
    const config = readConfig(await fetchJson("/console/config.json"));
    const memory = tabMemory(sessionStorage, clock);
    const deps: SignInDeps = { config, memory, clock, fillRandom, origin: location.origin };
    const session = memory.session();
    if (session === undefined) showSignedOut(deps, show);
    else await showPage(deps, show, session);
  } catch (error) {
    show("kombify", card("Simulations cannot be shown", problemNotice(toApiError(error), run)));
  }
};
await run();
