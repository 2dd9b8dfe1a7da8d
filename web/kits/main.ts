import { byId, element } from "../page/element.ts";
import { listOf, shape, text } from "../page/shape.ts";
import { toApiError } from "../console/api/api-error.ts";
import { fetchJson } from "../console/api/fetch-json.ts";
import type { Show } from "../console/screen.ts";
import { card, makeShow } from "../console/screen.ts";
import { rememberReturn } from "../console/sign-in/return-to.ts";
import { tabMemory } from "../console/sign-in/session.ts";
import type { Session } from "../console/sign-in/session.ts";
import type { SignInDeps } from "../console/sign-in/sign-in.ts";
import { beginSignIn, endSession } from "../console/sign-in/sign-in.ts";
import { showAccount } from "../console/views/account.ts";
import { problemNotice } from "../console/views/problem.ts";
import { signedOutView } from "../console/views/signed-out.ts";
import type { Kit, KitsApi } from "./kits-api.ts";
import { kitsApi } from "./kits-api.ts";
import { kitListView, queryOf, searchOf } from "./views/kit-list.ts";
import { kitViews } from "./views/kit-page.ts";

const readConfig = shape({ issuer: text, clientId: text, scopes: listOf(text), operatorOrgId: text });
const clock = (): Date => new Date();
const fillRandom = (bytes: Uint8Array<ArrayBuffer>): void => void crypto.getRandomValues(bytes);

const save = (archive: Blob, name: string): void => {
  const href = URL.createObjectURL(archive);
  const link = element("a", { href, download: name });
  link.click();
  URL.revokeObjectURL(href);
};

const showList = async (api: KitsApi, show: Show): Promise<void> => {
  const search = searchOf(new URLSearchParams(location.search));
  const first = await api.list(queryOf(search));
  const fail = (error: unknown): void => byId("main", HTMLElement).append(problemNotice(toApiError(error)));
  show("StackKits", ...kitListView(api, search, first, fail));
};

const showKit = async (api: KitsApi, show: Show, id: string): Promise<void> => {
  const wanted = new URLSearchParams(location.search).get("version");
  const kit: Kit = await api.get(id, new URLSearchParams(wanted === null ? {} : { version: wanted }));
  const problems = element("div", {});
  const orSay = async <T>(act: () => Promise<T>, otherwise: T): Promise<T> => {
    problems.replaceChildren();
    try {
      return await act();
    } catch (error) {
      problems.replaceChildren(problemNotice(toApiError(error)));
      return otherwise;
    }
  };
  const { head, rest } = kitViews(kit, {
    download: () =>
      orSay(async () => save(await api.download(id, kit.version), `${id}-${kit.version}.tar.gz`), undefined),
    choose: (version) => location.assign(`/kits/${id}?version=${encodeURIComponent(version)}`),
    compare: (from) =>
      orSay(async () => (await api.get(id, new URLSearchParams({ version: kit.version, from }))).changes ?? [], []),
  });
  // The editor is as large as the rest of the page many times over: it comes when there is something to edit.
  const { installSection } = await import("./install-section.ts");
  show(kit.name, head, problems, installSection(api, kit), ...rest);
};

const showSignedOut = (deps: SignInDeps, show: Show, notice?: string): void => {
  deps.memory.forget();
  showAccount();
  const signIn = async (): Promise<void> => {
    rememberReturn(sessionStorage, `${location.pathname}${location.search}`);
    location.assign(await beginSignIn(deps));
  };
  show("kombify", signedOutView(signIn, notice ?? "Sign in to see the kits for your plan."));
};

const showPage = async (deps: SignInDeps, show: Show, { accessToken, person }: Session): Promise<void> => {
  const api = kitsApi(accessToken);
  showAccount(person, async () => location.assign(await endSession(deps).catch(() => "/")));
  const [, id] = /^\/kits\/([a-z0-9-]+)\/?$/.exec(location.pathname) ?? [];
  try {
    await (id === undefined ? showList(api, show) : showKit(api, show, id));
  } catch (cause) {
    const error = toApiError(cause);
    if (error.facts.status === 401) showSignedOut(deps, show, "Your sign-in has ended. Please sign in again.");
    else {
      const back = element(
        "p",
        {},
        element("a", { href: "/kits" }, "All kits"),
        " · ",
        element("a", { href: "/" }, "Your tenant"),
      );
      show(
        "This did not work",
        card(
          "This did not work",
          problemNotice(error, () => showPage(deps, show, { accessToken, person, expiresAtEpochSeconds: 0 })),
          back,
        ),
      );
    }
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
    show("kombify", card("The catalogue cannot be shown", problemNotice(toApiError(error), run)));
  }
};
await run();
