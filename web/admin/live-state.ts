import { relativeTime } from "../../shared/dashboard/relative-time.ts";

/** The words beside the pause button: whether what is seen is the present. */
export interface LiveState {
  readonly show: (text: string, isStale: boolean) => void;
}

/** Writes every relative time of the page again; the clock is the server's, as far as the page knows it. */
export const refreshTimes = (root: ParentNode, nowMilliseconds: number): void => {
  for (const time of root.querySelectorAll<HTMLTimeElement>("time[data-relative]")) {
    const text = relativeTime(time.dateTime, nowMilliseconds);
    if (time.textContent !== text) time.textContent = text;
  }
};

export const makeLiveState = (element: HTMLElement): LiveState => ({
  show: (text, isStale) => {
    element.classList.toggle("stale", isStale);
    if (element.textContent !== text) element.textContent = text;
  },
});
