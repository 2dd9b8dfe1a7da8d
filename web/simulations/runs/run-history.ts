import type { RunPlace } from "../address.ts";
import { readAddress, runAddress } from "../address.ts";

/** Which run the address names, so that links lead to it, a reload stays at it and "back" leaves it. */
export interface RunHistory {
  readonly current: () => RunPlace;
  readonly go: (place: RunPlace) => void;
  /** Told when people go back or forward. */
  readonly onMove: (listener: () => void) => void;
}

export const runHistory = (id: string): RunHistory => {
  const current = (): RunPlace => {
    const place = readAddress(location);
    return place.kind === "one" ? place : {};
  };
  return {
    current,
    go: (place) => {
      const address = runAddress(id, place);
      if (address !== `${location.pathname}${location.search}`) history.pushState(null, "", address);
    },
    onMove: (listener) => window.addEventListener("popstate", listener),
  };
};
