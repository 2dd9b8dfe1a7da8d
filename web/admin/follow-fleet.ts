import { lengthText } from "../../shared/dashboard/relative-time.ts";
import type { FleetViewer } from "./fleet-view.ts";
import { pollSeconds } from "./poll-pace.ts";
import type { PageAnswer } from "./request-page.ts";
import { requestPage } from "./request-page.ts";

interface FollowOptions {
  readonly viewer: FleetViewer;
  readonly url: string;
  readonly clock: () => Date;
  /** Says whether what is seen is the present. */
  readonly show: (text: string, isStale: boolean) => void;
}

export interface Follower {
  setPaused(isPaused: boolean): void;
  /** To be called when the tab is shown or hidden. */
  visibilityChanged(): void;
  /** Takes an answer that came outside of the rhythm, from a form. */
  take(answer: PageAnswer): void;
  /** To be called every second. */
  tick(): void;
}

/** Asks for the fleet every few seconds while somebody looks, less often while nobody answers, and never once it is over. */
export const followFleet = ({ viewer, url, clock, show }: FollowOptions): Follower => {
  const now = (): number => clock().getTime();
  const is = { paused: false, over: false };
  let failures = 0;
  let heardAt = now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const rests = (): boolean => is.paused || is.over || document.hidden;

  const showState = (): void => {
    const age = lengthText((now() - heardAt) / 1000);
    if (is.over) show("Your session is over. Reload the page to sign in again.", true);
    else if (failures > 0) show(`Not live since ${age} ago: no answer.`, true);
    else if (is.paused) show(`Paused, ${age} old`, true);
    else show("Live", false);
  };
  const note = (outcome: ReturnType<FleetViewer["apply"]>): void => {
    is.over = outcome === "over";
    failures = outcome === "failed" ? failures + 1 : 0;
    if (outcome === "shown") heardAt = now();
  };
  const plan = (): void => {
    clearTimeout(timer);
    showState();
    if (!rests()) timer = setTimeout(() => void ask(), pollSeconds(failures) * 1000);
  };
  const ask = async (): Promise<void> => {
    clearTimeout(timer);
    try {
      const answer = await requestPage({ method: "GET", url, etag: viewer.etag() });
      // Somebody may have paused while the answer was on its way.
      if (!is.paused) note(viewer.apply(answer));
    } catch {
      // No answer is what the words beside the button say.
      failures += 1;
    }
    plan();
  };
  const goOn = (): void => {
    if (rests()) plan();
    else void ask();
  };

  plan();
  return {
    setPaused: (isPaused) => {
      is.paused = isPaused;
      goOn();
    },
    visibilityChanged: goOn,
    take: (answer) => {
      note(viewer.apply(answer));
      // What was just done must be seen as it is, not as it was remembered.
      viewer.forgetEtag();
      plan();
    },
    tick: () => {
      if (document.hidden) return;
      if (!is.paused) viewer.tick();
      showState();
    },
  };
};
