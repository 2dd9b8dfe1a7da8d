import type { Assertion, TimelineEvent, Topology } from "../topology/topology.ts";
import type { LinkState } from "./link-states.ts";
import { inOrder, isLinkEvent, linkStateAt } from "./link-states.ts";
import type { NodeAction } from "./node-states.ts";
import { isNodeEvent, undoingActionAt } from "./node-states.ts";
import type { FaultReport } from "./run.ts";
import { faultText, rounded } from "./words.ts";

/** A run is cut here. */
export const runSecondsMax = 2 * 60 * 60;
/** A run with more would keep more than its report can hold: its probes are further apart. */
const probesMax = 20_000;
const probeIntervalSeconds = 1;

/** One fault, or its end. */
export interface PlannedFault {
  readonly atSeconds: number;
  readonly isUndoing: boolean;
  readonly event: TimelineEvent;
}

/** What is to be done at one moment. Faults and assertions are named by their place in the run's lists. */
export interface Moment {
  readonly atSeconds: number;
  readonly links: readonly { readonly state: LinkState; readonly faults: readonly number[] }[];
  readonly nodes: readonly { readonly node: string; readonly action: NodeAction; readonly fault: number }[];
  readonly probes: readonly number[];
  /** Assertions whose time is over. */
  readonly closes: readonly number[];
}

export interface Schedule {
  readonly durationSeconds: number;
  readonly faults: readonly PlannedFault[];
  /** In the order of time, none of them later than the run is long. */
  readonly moments: readonly Moment[];
}

/** Faults and their ends in the order of time; of the same moment, ends come first. */
const planFaults = ({ timeline }: Pick<Topology, "timeline">): readonly PlannedFault[] => {
  const all = inOrder(timeline);
  const ends = all.flatMap((event) =>
    event.forSeconds === undefined ? [] : [{ atSeconds: event.atSeconds + event.forSeconds, isUndoing: true, event }],
  );
  const begins = all.map((event) => ({ atSeconds: event.atSeconds, isUndoing: false, event }));
  return [...ends, ...begins].sort((one, other) => one.atSeconds - other.atSeconds);
};

const lengthOf = ({ timeline, assertions }: Topology): number =>
  Math.min(
    runSecondsMax,
    Math.max(
      0,
      ...timeline.map(({ atSeconds, forSeconds = 0 }) => atSeconds + forSeconds),
      ...assertions.map(({ untilSeconds }) => untilSeconds),
    ),
  );

const windowOf = ({ fromSeconds, untilSeconds }: Assertion): number =>
  Math.max(0, Math.min(runSecondsMax, untilSeconds) - fromSeconds);

/** The first at the window's beginning; the last early enough to have an interval until the window's end. */
const probeTimes = (assertion: Assertion, intervalSeconds: number): readonly number[] => {
  const window = windowOf(assertion);
  if (window === 0) return [];
  const count = Math.max(1, Math.floor(rounded(window / intervalSeconds)));
  return Array.from({ length: count }, (_, index) => rounded(assertion.fromSeconds + index * intervalSeconds));
};

const linksAt = (topology: Topology, atSeconds: number, faults: readonly PlannedFault[]): Moment["links"] => {
  const touched = faults.flatMap((fault, index) =>
    fault.atSeconds === atSeconds && isLinkEvent(fault.event) ? [{ link: fault.event.link, index }] : [],
  );
  if (touched.length === 0) return [];
  return linkStateAt(topology, atSeconds).flatMap((state) => {
    const indices = touched.filter(({ link }) => link === state.name).map(({ index }) => index);
    return indices.length === 0 ? [] : [{ state, faults: indices }];
  });
};

const nodesAt = (topology: Topology, atSeconds: number, faults: readonly PlannedFault[]): Moment["nodes"] =>
  faults.flatMap(({ event, isUndoing, ...fault }, index) => {
    if (fault.atSeconds !== atSeconds || !isNodeEvent(event)) return [];
    const action = isUndoing ? undoingActionAt(topology, event.node, atSeconds) : event.action;
    return [{ node: event.node, action, fault: index }];
  });

/** Everything a run does, and when. Pure: the same topology, the same schedule. */
export const scheduleOf = (topology: Topology): Schedule => {
  const durationSeconds = lengthOf(topology);
  const faults = planFaults(topology);
  const windows = topology.assertions.reduce((sum, assertion) => sum + windowOf(assertion), 0);
  const intervalSeconds = Math.max(probeIntervalSeconds, windows / probesMax);
  const probes = new Map<number, number[]>();
  for (const [index, assertion] of topology.assertions.entries()) {
    for (const at of probeTimes(assertion, intervalSeconds)) probes.set(at, [...(probes.get(at) ?? []), index]);
  }
  const closes = new Map<number, number[]>();
  for (const [index, { untilSeconds }] of topology.assertions.entries()) {
    if (untilSeconds <= durationSeconds) closes.set(untilSeconds, [...(closes.get(untilSeconds) ?? []), index]);
  }
  const faultTimes = faults.map(({ atSeconds }) => atSeconds).filter((at) => at <= durationSeconds);
  const times = [...new Set([...faultTimes, ...probes.keys(), ...closes.keys()])].sort((one, other) => one - other);
  const moments = times.map((atSeconds) => ({
    atSeconds,
    links: linksAt(topology, atSeconds, faults),
    nodes: nodesAt(topology, atSeconds, faults),
    probes: probes.get(atSeconds) ?? [],
    closes: closes.get(atSeconds) ?? [],
  }));
  return { durationSeconds, faults, moments };
};

/** The faults of a run that has not begun. */
export const plannedReports = ({ faults, durationSeconds }: Schedule): readonly FaultReport[] =>
  faults.map(({ atSeconds, isUndoing, event }) => ({
    plannedAtSeconds: rounded(atSeconds),
    ...(isUndoing || event.forSeconds === undefined ? {} : { untilSeconds: rounded(atSeconds + event.forSeconds) }),
    happenedAtSeconds: null,
    subject: event.kind === "node" ? event.node : event.link,
    what: faultText(event),
    isUndoing,
    outcome: atSeconds > durationSeconds ? "skipped" : "planned",
  }));
