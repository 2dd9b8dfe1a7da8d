import { byId } from "../page/element.ts";
import { makeFleetViewer } from "./fleet-view.ts";
import { followFleet } from "./follow-fleet.ts";
import { makeLiveState } from "./live-state.ts";
import { watchTyping } from "./replace-fleet.ts";
import { sendForms } from "./send-forms.ts";

const clock = (): Date => new Date();

/** The page without what was said once. */
const addressOfFleet = (): string => {
  const address = new URL(location.href);
  const span = address.searchParams.get("span");
  return `/admin${span === null ? "" : `?span=${encodeURIComponent(span)}`}`;
};

/** Brings the fleet to life: without this script the page is complete and stands still. */
const start = (fleet: HTMLElement): void => {
  const viewer = makeFleetViewer(fleet, byId("live", HTMLElement), clock);
  const { show } = makeLiveState(byId("live-state", HTMLElement));
  const follower = followFleet({ viewer, url: addressOfFleet(), clock, show });
  const pause = byId("pause", HTMLButtonElement);
  pause.hidden = false;
  byId("reload", HTMLAnchorElement).hidden = true;
  pause.addEventListener("click", () => {
    const isPaused = pause.getAttribute("aria-pressed") !== "true";
    pause.setAttribute("aria-pressed", String(isPaused));
    follower.setPaused(isPaused);
  });
  document.addEventListener("visibilitychange", () => follower.visibilityChanged());
  setInterval(() => follower.tick(), 1000);
  watchTyping(fleet);
  sendForms(fleet, (answer) => follower.take(answer));
};

const fleet = document.getElementById("fleet");
if (fleet !== null) start(fleet);
