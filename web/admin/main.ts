import { lengthText } from "../../shared/dashboard/relative-time.ts";
import { byId } from "../page/element.ts";
import { announce } from "../page/live-region.ts";
import { makeLiveState, refreshTimes } from "./live-state.ts";
import { pollSeconds } from "./poll-pace.ts";
import { replaceFleet, watchTyping } from "./replace-fleet.ts";
import type { PageAnswer } from "./request-page.ts";
import { requestPage } from "./request-page.ts";
import { sendForms } from "./send-forms.ts";
import { changesBetween, watchedIn } from "./watched.ts";

/** Keeps the fleet on the page up to date until the session is over. */
const follow = (fleet: HTMLElement): void => {
  const live = byId("live", HTMLElement);
  const state = makeLiveState(byId("live-state", HTMLElement));
  const pause = byId("pause", HTMLButtonElement);
  const address = new URL(location.href);
  address.searchParams.delete("done");
  // The server's clock minus ours: times are told by the server's.
  let offsetMilliseconds = Date.parse(live.dataset["now"] ?? "") - Date.now();
  let [etag, failures]: [string | undefined, number] = [undefined, 0];
  let [isPaused, isOver] = [false, false];
  let heardAt = Date.now();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const showState = (): void => {
    const age = lengthText((Date.now() - heardAt) / 1000);
    if (isOver) state.show("Your session is over. Reload the page to sign in again.", true);
    else if (failures > 0) state.show(`Not live: no answer for ${age}.`, true);
    else if (isPaused) state.show(`Paused ${age} ago.`, true);
    else state.show("Live", false);
  };

  const apply = ({ status, page, etag: tag }: PageAnswer): void => {
    isOver = status === 401 || status === 403;
    const next = page?.getElementById("fleet");
    const isFine = status === 304 || (next !== undefined && next !== null);
    failures = isFine || isOver ? 0 : failures + 1;
    if (isFine) heardAt = Date.now();
    if (next === undefined || next === null) return;
    if (status < 300) etag = tag;
    const now = Date.parse(page?.getElementById("live")?.dataset["now"] ?? "");
    if (!Number.isNaN(now)) offsetMilliseconds = now - Date.now();
    const before = watchedIn(fleet);
    replaceFleet(fleet, document.adoptNode(next));
    const said = [fleet.querySelector("#flash")?.textContent ?? "", changesBetween(before, watchedIn(fleet))];
    if (said.some((text) => text !== "")) announce(said.join(" ").trim());
    refreshTimes(fleet, Date.now() + offsetMilliseconds);
  };

  const plan = (): void => {
    clearTimeout(timer);
    if (!isPaused && !isOver && !document.hidden) timer = setTimeout(() => void ask(), pollSeconds(failures) * 1000);
  };
  const ask = async (): Promise<void> => {
    clearTimeout(timer);
    try {
      const answer = await requestPage({ method: "GET", url: address.href, etag });
      // Somebody may have paused while the answer was on its way.
      if (!isPaused) apply(answer);
    } catch {
      failures += 1;
    }
    showState();
    plan();
  };

  pause.hidden = false;
  byId("reload", HTMLAnchorElement).hidden = true;
  pause.addEventListener("click", () => {
    isPaused = !isPaused;
    pause.setAttribute("aria-pressed", String(isPaused));
    showState();
    if (isPaused) clearTimeout(timer);
    else void ask();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || isPaused || isOver) clearTimeout(timer);
    else void ask();
  });
  setInterval(() => {
    if (isPaused || document.hidden) return;
    refreshTimes(fleet, Date.now() + offsetMilliseconds);
    showState();
  }, 1000);
  watchTyping(fleet);
  sendForms(fleet, (answer) => {
    apply(answer);
    // What was just done must be seen as it is, not as it was remembered.
    etag = undefined;
    showState();
    plan();
  });
  showState();
  plan();
};

const fleet = document.getElementById("fleet");
if (fleet !== null) follow(fleet);
