import type { Clock } from "../../shared/kernel/clock.ts";
import type { Logger } from "../../shared/kernel/logger.ts";
import type { Engine } from "../engine/ports.ts";
import type { Links } from "../links/ports.ts";
import type { Topology } from "../topology/topology.ts";
import type { Tally } from "./counters.ts";
import { makeTally } from "./counters.ts";
import { keepCaptures } from "./keep-captures.ts";
import type { NodeSights } from "./node-sights.ts";
import { makeNodeSights } from "./node-sights.ts";
import type { FaultDeps } from "./play-faults.ts";
import { makeFaults } from "./play-faults.ts";
import type { Stage } from "./play-moment.ts";
import { playMoment, within } from "./play-moment.ts";
import type { CaptureFiles, Prober, Time } from "./ports.ts";
import { readCounters } from "./read-counters.ts";
import type { RestoreTopology } from "./restore-topology.ts";
import type { EarlyEnd, RunBook } from "./run-book.ts";
import type { Schedule } from "./schedule.ts";
import { makeUnderWay } from "./under-way.ts";

export interface PlayDeps extends FaultDeps {
  readonly engine: Pick<Engine, "inspect">;
  readonly links: Pick<Links, "counters" | "capture">;
  readonly openProber: () => Prober;
  readonly files: CaptureFiles;
  readonly restore: RestoreTopology;
  readonly time: Time;
  readonly clock: Clock;
  readonly log: Logger;
}

const settledMillisecondsMax = 15_000;
/** So long the beginning waits for captures and probers. */
const handsMillisecondsMax = 5_000;
/** More are started when they are needed. */
const preparedMax = 12;

/** What every link has counted; figures are worth less than the run that they are of. */
const countAll = async (
  { records, links, log }: PlayDeps,
  book: RunBook,
  { sights, add }: { readonly sights: NodeSights; readonly add: (...args: Parameters<Tally["add"]>) => void },
): Promise<void> => {
  const { tenantId, simulationId } = book.current();
  const simulation = records.find(tenantId, simulationId);
  if (simulation === undefined) return;
  for (const link of simulation.links) {
    try {
      add(link.name, await readCounters({ links, sights }, simulation, link));
    } catch (error) {
      const reason = error instanceof Error ? error.message : "not an error";
      log.warn("the counters of a link cannot be read", { simulation: simulationId, link: link.name, reason });
    }
  }
};

/** Nodes that probe from the beginning on. */
const prepareProbers = async ({ assertions }: Topology, sights: NodeSights, prober: Prober): Promise<void> => {
  const nodes = [...new Set(assertions.map(({ probe }) => probe.from))].slice(0, preparedMax);
  await Promise.all(
    nodes.map(async (node) => {
      const container = await sights.look(node).catch(() => undefined);
      if (container !== undefined) await prober.prepare(container);
    }),
  );
};

const playMoments = async (stage: Stage, { moments, durationSeconds }: Schedule): Promise<void> => {
  const { time, seconds, signal } = stage;
  const until = (atSeconds: number): Promise<void> => time.sleep(Math.max(0, (atSeconds - seconds()) * 1000), signal);
  for (const moment of moments) {
    await until(moment.atSeconds);
    if (signal.aborted) return;
    playMoment(stage, moment);
  }
  await until(durationSeconds);
};

/** What was begun is seen through: each of it is bounded. */
const finishBegun = async ({ signal, prober, probesUnderWay, faultsUnderWay }: Stage): Promise<void> => {
  if (signal.aborted) await prober.close();
  await Promise.all([probesUnderWay.ended(), faultsUnderWay.ended()]);
};

export interface Play {
  readonly book: RunBook;
  readonly topology: Topology;
  readonly schedule: Schedule;
  /** Aborted to end the run before its time. */
  readonly signal: AbortSignal;
  /** Why it was aborted. */
  readonly early: () => EarlyEnd | undefined;
}

interface Prepared {
  readonly stage: Stage;
  readonly tally: Tally;
  readonly captures: ReturnType<typeof keepCaptures>;
}

/** Begins from the topology's own state, with captures running: the returned stage's time begins now. */
const prepare = async (deps: PlayDeps, { book, topology, signal }: Play, prober: Prober): Promise<Prepared> => {
  const { records, time, settled } = deps;
  const run = book.current();
  const { tenantId, simulationId, standing } = run;
  await deps.restore(standing, simulationId);
  await within({ time, signal }, settledMillisecondsMax, settled(tenantId, simulationId));
  const sights = makeNodeSights(deps, tenantId, simulationId);
  const tally = makeTally();
  await countAll(deps, book, { sights, add: (_link, samples) => tally.begin(samples) });
  const simulation = () => records.find(tenantId, simulationId);
  const networkOf = (name: string) => simulation()?.links.find((link) => link.name === name)?.networkId;
  const captures = keepCaptures({ ...deps, sights, networkOf }, topology, run);
  const hands = Promise.all([captures.begun, prepareProbers(topology, sights, prober)]);
  await within({ time, signal }, handsMillisecondsMax, hands);
  const faults = makeFaults(deps, run, { tally, sights });
  const zero = time.nowMilliseconds();
  const seconds = (): number => (time.nowMilliseconds() - zero) / 1000;
  const underWay = { probesUnderWay: makeUnderWay(), faultsUnderWay: makeUnderWay() };
  return {
    stage: { ...{ book, topology, simulation, seconds, faults, sights, prober, signal, time }, ...underWay },
    tally,
    captures,
  };
};

/**
 * Plays a run whose record is kept already, to its end or until the signal, and leaves links and nodes as the topology has
 * them. Never rejects: what goes wrong is in the report.
 */
export const playRun = async (deps: PlayDeps, play: Play): Promise<void> => {
  const { book, schedule } = play;
  const { simulationId, standing } = book.current();
  const prober = deps.openProber();
  let prepared: Prepared | undefined;
  let broken: EarlyEnd | undefined;
  try {
    prepared = await prepare(deps, play, prober);
    book.note({ startedAt: deps.clock().toISOString(), captures: prepared.captures.planned });
    book.open();
    await playMoments(prepared.stage, schedule);
    await finishBegun(prepared.stage);
    const { tally, stage } = prepared;
    await countAll(deps, book, { sights: stage.sights, add: (...args) => tally.add(...args) });
    book.note({ counters: tally.totals(), captures: await prepared.captures.end() });
  } catch (error) {
    const reason = error instanceof Error ? error.message : "not an error";
    deps.log.error("a run cannot go on", { simulation: simulationId, reason });
    broken = { status: "failed", reason: "The host could not go on with it." };
  } finally {
    await prepared?.captures.end();
    await prober.close();
    await deps.restore(standing, simulationId);
    const early = broken ?? play.early();
    const seconds = prepared?.stage.seconds() ?? 0;
    book.close({ at: deps.clock().toISOString(), seconds, ...(early === undefined ? {} : { early }) });
  }
};
