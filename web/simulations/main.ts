import { element } from "../page/element.ts";
import type { ApiError } from "../console/api/api-error.ts";
import { card } from "../console/screen.ts";
import { runSignedPage } from "../console/signed-page.ts";
import { readAddress } from "./address.ts";
import { simulationsApi } from "./api/simulations-api.ts";
import { showList } from "./list-page.ts";
import { onePage } from "./one/one-page.ts";

/** Resolves also when the signal is aborted. */
const wait = (seconds: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    const leave = (): void => {
      clearTimeout(timer);
      resolve();
    };
    signal?.addEventListener("abort", leave, { once: true });
  });

const button = (href: string, words: string): HTMLElement => element("a", { class: "button", href }, words);

const noSuchPage = (): HTMLElement =>
  card(
    "There is no such page",
    element("p", {}, "Its address is not right."),
    button("/simulations", "All simulations"),
  );

/** What those read who cannot have simulations, and what they can do about it. */
const explain = ({ message, facts }: ApiError): HTMLElement | undefined => {
  if (facts.code === "tenant-not-found") {
    return card(
      "Your organisation has no tenant yet",
      element("p", {}, "Simulations belong to a tenant. Whoever operates the platform without having one sees none."),
      button("/", "Create a tenant"),
    );
  }
  if (facts.code === "tenant-suspended" || facts.code === "tenant-not-active") {
    return card("Simulations are not available", element("p", {}, message), button("/", "Go to your tenant"));
  }
  if (facts.code === "simulation-not-found" || (facts.status === 404 && facts.code === "not-found")) {
    return card(
      "There is no such simulation",
      element("p", {}, "It was deleted, or its address is not right."),
      button("/simulations", "All simulations"),
    );
  }
  return undefined;
};

await runSignedPage({
  invitation: "Sign in to build, break and watch homelabs.",
  failure: "Simulations cannot be shown",
  doors: [
    ["/simulations", "All simulations"],
    ["/", "Your tenant"],
  ],
  explain,
  fill: async ({ accessToken, show, signInEnded }) => {
    const api = simulationsApi(accessToken);
    const place = readAddress(location);
    if (place.kind === "list") await showList(api, { show, signInEnded }, wait);
    else if (place.kind === "nowhere") show("No such page", noSuchPage());
    else if (place.kind === "new" || place.kind === "edit") {
      // The editor is as large as the rest of the page many times over: it comes when there is something to edit.
      const { showEditor } = await import("./edit/edit-page.ts");
      await showEditor({ api, show, signInEnded, id: place.kind === "edit" ? place.id : undefined });
    } else {
      const first = await api.get(place.id);
      const page = onePage({ api, first, signInEnded, wait });
      show(first.name, ...page.content);
      page.start();
    }
  },
});
