import { DomainError } from "../../shared/kernel/errors.ts";
import type { EventHub } from "../simulations/event-hub.ts";
import { digestOf } from "../simulations/names.ts";
import type { TenantStanding } from "../simulations/ports.ts";
import type { Simulation } from "../simulations/simulation.ts";
import type { Comparison } from "./compare-runs.ts";
import { compareRuns } from "./compare-runs.ts";
import type { PlayDeps } from "./play-run.ts";
import { playRun } from "./play-run.ts";
import type { RunStore } from "./ports.ts";
import type { Run, RunSummary } from "./run.ts";
import type { EarlyEnd, RunBook } from "./run-book.ts";
import { makeRunBook } from "./run-book.ts";
import type { Schedule } from "./schedule.ts";
import { plannedReports, scheduleOf } from "./schedule.ts";
import { openAssertion } from "./verdicts.ts";

/** What people may do with runs. Ids of other tenants' simulations are `simulation-not-found`, as ids that never were. */
export interface RunServices {
  /** @throws DomainError `simulation-state` when it does not run, has nothing to play or plays already; `no-room` */
  start(standing: TenantStanding, simulationId: string): Run;
  /** Newest first. */
  list(standing: TenantStanding, simulationId: string): readonly RunSummary[];
  get(standing: TenantStanding, simulationId: string, id: string): Run;
  /** What came out otherwise than in an earlier run. */
  compare(standing: TenantStanding, simulationId: string, id: string, earlierId: string): Comparison;
  /** Returns when links and nodes are as before. One that is over stays as it is. */
  cancel(standing: TenantStanding, simulationId: string, id: string): Promise<Run>;
  /** A pcap file. */
  capture(standing: TenantStanding, simulationId: string, id: string, name: string): Promise<Uint8Array>;
  newest(standing: TenantStanding, simulationId: string): RunSummary | undefined;
  /**
   * Ends what an earlier process has left running, and removes files of runs that are gone. To be called before anything is
   * started, and now and then.
   */
  tidy(): Promise<void>;
  /** Begins nothing more, and interrupts what is under way. */
  close(): Promise<void>;
}

export interface RunDeps extends PlayDeps {
  readonly runs: RunStore;
  readonly hub: EventHub;
  /** `run-` and 20 characters. */
  readonly newId: () => string;
}

/** All tenants together: each needs programs of its own. */
const runsMax = 50;

interface LiveRun {
  readonly book: RunBook;
  readonly end: (early: EarlyEnd) => void;
  readonly ended: Promise<void>;
}

const restarted: EarlyEnd = { status: "interrupted", reason: "The host was restarted." };

/** Why a run cannot go on; undefined while it can. */
const endOf = (simulation: Simulation | undefined, source: string): EarlyEnd | undefined => {
  const cancelled = (reason: string): EarlyEnd => ({ status: "cancelled", reason });
  if (simulation === undefined || simulation.wanted === "deleted") return cancelled("The simulation was deleted.");
  if (simulation.error !== undefined) return cancelled("The simulation failed.");
  if (simulation.wanted !== "running") return cancelled(`The simulation was ${simulation.wanted}.`);
  return simulation.source === source ? undefined : cancelled("The topology was changed.");
};

const requirePlayable = (simulation: Simulation, { moments }: Schedule): void => {
  const { status, wanted, error } = simulation;
  if (status !== "running" || wanted !== "running" || error !== undefined) {
    throw new DomainError("simulation-state", `The simulation is ${status}: only one that is running can be played.`);
  }
  if (moments.length > 0) return;
  throw new DomainError(
    "simulation-state",
    "The topology has neither a timeline nor assertions: nothing can be played.",
  );
};

const firstRecord = (
  { clock, newId }: RunDeps,
  standing: TenantStanding,
  { id: simulationId, topology }: Simulation,
  schedule: Schedule,
): Run => ({
  ...{ tenantId: standing.tenantId, simulationId, id: newId(), status: "running", seed: topology.seed },
  topology: { name: topology.name, digest: digestOf(topology) },
  standing,
  startedAt: clock().toISOString(),
  durationSeconds: schedule.durationSeconds,
  faults: plannedReports(schedule),
  assertions: topology.assertions.map(openAssertion),
  counters: [],
  captures: [],
});

/** Plays a run whose record is kept, and ends it when the simulation does not go on. */
const beginRun = (deps: RunDeps, run: Run, simulation: Simulation, schedule: Schedule): LiveRun => {
  const { tenantId, topology, source } = simulation;
  const book = makeRunBook(run, deps);
  const ending = new AbortController();
  let early: EarlyEnd | undefined;
  const end = (why: EarlyEnd): void => {
    early ??= why;
    ending.abort();
  };
  const unsubscribe = deps.hub.subscribe(tenantId, simulation.id, ({ kind }) => {
    if (kind !== "status") return;
    const why = endOf(deps.records.find(tenantId, simulation.id), source);
    if (why !== undefined) end(why);
  });
  const ended = playRun(deps, { book, topology, schedule, signal: ending.signal, early: () => early })
    .catch((error: unknown) => {
      // Its record still says that it is running: `tidy` ends it.
      deps.log.error("the end of a run is not kept", { run: run.id, reason: String(error) });
    })
    .finally(unsubscribe);
  return { book, end, ended };
};

/** The last moment that the record of a run knows of: nobody has seen what came after it. */
const lastSeenSeconds = ({ faults, assertions }: Run): number =>
  Math.max(
    0,
    ...faults.map(({ happenedAtSeconds }) => happenedAtSeconds ?? 0),
    ...assertions.flatMap(({ probes }) => probes.map(({ atSeconds }) => atSeconds)),
  );

const makeTidy =
  ({ runs, files, restore, records, clock }: RunDeps, live: ReadonlyMap<string, LiveRun>): RunServices["tidy"] =>
  async () => {
    for (const run of runs.host.listRunning().filter(({ id }) => !live.has(id))) {
      // Restored first: killed in between, the next one does it again.
      await restore(run.standing, run.simulationId);
      const sizes = await files.sizes(run.id);
      const book = makeRunBook(run, { runs, records });
      book.note({ captures: run.captures.map((capture) => ({ ...capture, bytes: sizes[capture.name] ?? 0 })) });
      book.close({ at: clock().toISOString(), seconds: lastSeenSeconds(run), early: restarted });
    }
    await files.keepOnly(() => runs.host.listIds());
  };

/** Everything people may do with the runs of their simulations. */
export const makeRunServices = (deps: RunDeps): RunServices => {
  const { runs, records, files } = deps;
  const live = new Map<string, LiveRun>();
  let isClosed = false;
  const tidy = makeTidy(deps, live);
  const get = ({ tenantId }: TenantStanding, simulationId: string, id: string): Run => {
    records.get(tenantId, simulationId);
    const run = runs.forTenant(tenantId).find(simulationId, id);
    if (run === undefined) throw new DomainError("not-found", "There is no run with this id.");
    return live.get(id)?.book.current() ?? run;
  };
  return {
    start(standing, simulationId) {
      const simulation = records.get(standing.tenantId, simulationId);
      const schedule = scheduleOf(simulation.topology);
      requirePlayable(simulation, schedule);
      if (isClosed) throw new DomainError("unavailable", "The host is being stopped. Try again shortly.");
      if (live.size >= runsMax)
        throw new DomainError("no-room", "The host plays as many runs as it can. Try again later.");
      const run = firstRecord(deps, standing, simulation, schedule);
      runs.forTenant(standing.tenantId).insert(run);
      const begun = beginRun(deps, run, simulation, schedule);
      live.set(run.id, begun);
      void begun.ended.finally(() => live.delete(run.id));
      return run;
    },
    list({ tenantId }, simulationId) {
      records.get(tenantId, simulationId);
      return runs.forTenant(tenantId).list(simulationId);
    },
    get,
    compare: (standing, simulationId, id, earlierId) =>
      compareRuns(get(standing, simulationId, earlierId), get(standing, simulationId, id)),
    async cancel(standing, simulationId, id) {
      get(standing, simulationId, id);
      const run = live.get(id);
      run?.end({ status: "cancelled", reason: "It was cancelled." });
      await run?.ended;
      return get(standing, simulationId, id);
    },
    async capture(standing, simulationId, id, name) {
      const { captures } = get(standing, simulationId, id);
      if (captures.some((capture) => capture.name === name && capture.bytes > 0)) return files.read(id, name);
      throw new DomainError("not-found", "There is no capture with this name.");
    },
    newest: ({ tenantId }, simulationId) => runs.forTenant(tenantId).newest(simulationId),
    tidy,
    async close() {
      isClosed = true;
      for (const run of live.values()) run.end({ ...restarted, reason: "The host was stopped." });
      await Promise.all([...live.values()].map(({ ended }) => ended));
    },
  };
};
