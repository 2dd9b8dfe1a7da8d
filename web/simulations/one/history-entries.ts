import type { HistoryEvent } from "./live-simulation.ts";

const entriesMax = 100;
/** What is done to one link so soon after another thing is one movement of a hand: only what came of it is of interest. */
const sameHandSeconds = 3;
/** A fault is told when it has happened, so what it does to its link or node is told just before. */
const sameFaultSeconds = 1;

const secondsBetween = (before: HistoryEvent, after: HistoryEvent): number =>
  (Date.parse(after.at) - Date.parse(before.at)) / 1000;

const isSameHand = (before: HistoryEvent, after: HistoryEvent): boolean =>
  [before, after].every(({ kind }) => kind === "link") &&
  before.data["link"] === after.data["link"] &&
  before.data["isDown"] === after.data["isDown"] &&
  secondsBetween(before, after) <= sameHandSeconds;

/** How many of the newest entries can be what this fault did. */
const countSince = (entries: readonly HistoryEvent[], fault: HistoryEvent): number => {
  const end = entries.findIndex((entry) => secondsBetween(entry, fault) > sameFaultSeconds);
  return end === -1 ? entries.length : end;
};

/** What a fault made of a link is the fault in other words; how a node took it comes after it. */
const withFault = (entries: readonly HistoryEvent[], fault: HistoryEvent): readonly HistoryEvent[] => {
  const count = countSince(entries, fault);
  const { subject } = fault.data;
  const isDoing = ({ kind, data }: HistoryEvent): boolean => kind === "link" && data["link"] === subject;
  const isOutcome = ({ kind, data }: HistoryEvent): boolean => kind === "node" && data["node"] === subject;
  const recent = entries.slice(0, count).filter((entry) => !isDoing(entry));
  const place = recent.findLastIndex(isOutcome) + 1;
  return [...recent.toSpliced(place, 0, fault), ...entries.slice(count)];
};

/** What happened, the newest first, with one event more. */
export const withEvent = (entries: readonly HistoryEvent[], event: HistoryEvent): readonly HistoryEvent[] => {
  // Work under way is seen by what comes of it.
  if (event.kind === "operation") return entries;
  const [newest, ...older] = entries;
  const isDone = event.kind === "fault" && event.data["outcome"] === "done";
  if (isDone) return withFault(entries, event).slice(0, entriesMax);
  if (newest !== undefined && isSameHand(newest, event)) return [event, ...older];
  return [event, ...entries].slice(0, entriesMax);
};
