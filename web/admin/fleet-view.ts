import { announce } from "../page/live-region.ts";
import { refreshTimes } from "./live-state.ts";
import { replaceFleet } from "./replace-fleet.ts";
import type { PageAnswer } from "./request-page.ts";
import { changesBetween, watchedIn } from "./watched.ts";

export interface FleetViewer {
  /** Shows what came. `over`: the session has ended; `failed`: this was not the fleet. */
  apply(answer: PageAnswer): "shown" | "over" | "failed";
  /** Writes relative times again. */
  tick(): void;
  /** Of what is shown; undefined when it has to be asked for in full. */
  etag(): string | undefined;
  forgetEtag(): void;
}

/** The fleet as it stands on the page. Times are told by the server's clock, as far as the page knows it. */
export const makeFleetViewer = (fleet: HTMLElement, live: HTMLElement, clock: () => Date): FleetViewer => {
  const offsetOf = (element: HTMLElement | null | undefined): number =>
    Date.parse(element?.dataset["now"] ?? "") - clock().getTime();
  let offsetMilliseconds = offsetOf(live);
  let etag: string | undefined;
  const tick = (): void => refreshTimes(fleet, clock().getTime() + offsetMilliseconds);

  const replace = (page: Document, next: HTMLElement): void => {
    const offset = offsetOf(page.getElementById("live"));
    if (!Number.isNaN(offset)) offsetMilliseconds = offset;
    const before = watchedIn(fleet);
    replaceFleet(fleet, document.adoptNode(next));
    // A refusal is an alert and speaks for itself.
    const done = fleet.querySelector("#flash:not([role])")?.textContent.trim() ?? "";
    const said = `${done} ${changesBetween(before, watchedIn(fleet))}`.trim();
    if (said !== "") announce(said);
    tick();
  };

  return {
    apply({ status, page, etag: tag }) {
      if (status === 401 || status === 403) return "over";
      if (status === 304) return "shown";
      const next = page?.getElementById("fleet");
      if (page === undefined || next === null || next === undefined) return "failed";
      etag = tag;
      replace(page, next);
      return "shown";
    },
    tick,
    etag: () => etag,
    forgetEtag: () => {
      etag = undefined;
    },
  };
};
