import type { Simulation } from "../simulations/simulation.ts";
import type { Topology } from "../topology/topology.ts";
import type { NodeSights } from "./node-sights.ts";
import type { Faults } from "./play-faults.ts";
import { playProbe } from "./play-probes.ts";
import type { Prober, Time } from "./ports.ts";
import type { RunBook } from "./run-book.ts";
import type { Moment } from "./schedule.ts";
import { rounded } from "./words.ts";

/** A fault that has not happened by then is said not to have happened. */
const faultMillisecondsMax = 15_000;
/** So long a probe waits for faults that were to happen before it. */
const patienceMilliseconds = 1_000;

/** What a run has at hand while it plays. */
export interface Stage {
  readonly time: Time;
  readonly book: RunBook;
  readonly topology: Topology;
  readonly simulation: () => Simulation | undefined;
  readonly seconds: () => number;
  readonly faults: Faults;
  readonly sights: NodeSights;
  readonly prober: Prober;
  readonly signal: AbortSignal;
  /** Probes and faults that have begun and not ended. */
  readonly probesUnderWay: Set<Promise<void>>;
  readonly faultsUnderWay: Set<Promise<void>>;
}

const track = (set: Set<Promise<void>>, work: Promise<void>): void => {
  const tracked = work.finally(() => set.delete(tracked));
  set.add(tracked);
};

/** Whether the work was done within the time; a wait that is not needed any more is ended. */
export const within = async (
  { time, signal }: { readonly time: Time; readonly signal: AbortSignal },
  milliseconds: number,
  work: Promise<unknown>,
): Promise<boolean> => {
  const over = new AbortController();
  const late = time.sleep(milliseconds, AbortSignal.any([signal, over.signal]));
  try {
    return await Promise.race([work.then(() => true), late.then(() => false)]);
  } finally {
    over.abort();
  }
};

const playFault = async (stage: Stage, indices: readonly number[], act: () => Promise<void>): Promise<void> => {
  const { book, seconds, time } = stage;
  const note = (outcome: "done" | "failed", reason?: string): void => {
    const happenedAtSeconds = outcome === "done" ? rounded(seconds()) : null;
    for (const index of indices) {
      book.noteFault(index, { happenedAtSeconds, outcome, ...(reason === undefined ? {} : { reason }) });
    }
  };
  try {
    const never = new AbortController().signal;
    if (await within({ time, signal: never }, faultMillisecondsMax, act())) note("done");
    else note("failed", `it had not happened within ${faultMillisecondsMax / 1000} s`);
  } catch (error) {
    note("failed", error instanceof Error ? error.message : "not an error");
  }
};

const playAssertion = async (stage: Stage, index: number): Promise<void> => {
  const { book, topology, seconds, signal, faultsUnderWay } = stage;
  const isOver = (): boolean => signal.aborted;
  const assertion = topology.assertions[index];
  const faults = Promise.all(faultsUnderWay);
  if (faultsUnderWay.size > 0) await within(stage, patienceMilliseconds, faults);
  const simulation = stage.simulation();
  if (assertion === undefined || simulation === undefined || isOver()) return;
  const askedAtSeconds = seconds();
  const outcome = await playProbe(stage, simulation, assertion, askedAtSeconds);
  // What ends with the run is cut short, and says nothing.
  if (isOver()) return;
  if (outcome === undefined) {
    book.noteProbe(index, undefined);
    return;
  }
  const { waitedMilliseconds, ...result } = outcome;
  book.noteProbe(index, { atSeconds: rounded(askedAtSeconds + waitedMilliseconds / 1000), ...result });
};

/** Begins everything of one moment, and waits for nothing. */
export const playMoment = (stage: Stage, { links, nodes, probes }: Moment): void => {
  const begin = (indices: readonly number[], act: () => Promise<void>): void => {
    track(stage.faultsUnderWay, playFault(stage, indices, act));
  };
  for (const { state, faults } of links) begin(faults, () => stage.faults.setLink(state));
  for (const { node, action, fault } of nodes) begin([fault], () => stage.faults.control(node, action));
  for (const index of probes) track(stage.probesUnderWay, playAssertion(stage, index));
};
