import type { Simulation } from "../simulations/simulation.ts";
import type { Topology } from "../topology/topology.ts";
import type { NodeSights } from "./node-sights.ts";
import type { Faults } from "./play-faults.ts";
import { playProbe } from "./play-probes.ts";
import type { Prober, Time } from "./ports.ts";
import type { RunBook } from "./run-book.ts";
import type { Moment } from "./schedule.ts";
import type { UnderWay } from "./under-way.ts";
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
  /** Named by their assertion. */
  readonly probesUnderWay: UnderWay;
  readonly faultsUnderWay: UnderWay;
}

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
  const { book, topology, signal, faultsUnderWay } = stage;
  const isOver = (): boolean => signal.aborted;
  const assertion = topology.assertions[index];
  if (faultsUnderWay.count() > 0) await within(stage, patienceMilliseconds, faultsUnderWay.ended());
  const simulation = stage.simulation();
  if (assertion === undefined || simulation === undefined || isOver()) return;
  const result = await playProbe(stage, simulation, assertion);
  // What ends with the run is cut short, and says nothing.
  if (!isOver()) book.noteProbe(index, result);
};

/** The last probes of it may still be under way; each ends with the assertion's time. */
const closeAssertion = async ({ book, signal }: Stage, index: number, probes: Promise<void>): Promise<void> => {
  await probes;
  if (!signal.aborted) book.closeAssertion(index);
};

/** Begins everything of one moment, and waits for nothing. */
export const playMoment = (stage: Stage, { links, nodes, probes, closes }: Moment): void => {
  const { probesUnderWay, faultsUnderWay } = stage;
  const begin = (indices: readonly number[], act: () => Promise<void>): void => {
    faultsUnderWay.track(playFault(stage, indices, act));
  };
  for (const index of closes) probesUnderWay.track(closeAssertion(stage, index, probesUnderWay.ended(index)), index);
  for (const { state, faults } of links) begin(faults, () => stage.faults.setLink(state));
  for (const { node, action, fault } of nodes) begin([fault], () => stage.faults.control(node, action));
  for (const index of probes) probesUnderWay.track(playAssertion(stage, index), index);
};
