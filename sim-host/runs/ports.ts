import type { Probe } from "../topology/topology.ts";
import type { ProbeResult, Run, RunSummary } from "./run.ts";

/** Runs of one tenant. There is no way to ask for anybody else's. */
export interface TenantRuns {
  /** Keeps a new run, and drops the oldest of its simulation beyond 50. @throws DomainError `simulation-state` while one is running */
  insert(run: Run): void;
  find(simulationId: string, id: string): Run | undefined;
  /** Newest first. */
  list(simulationId: string): readonly RunSummary[];
  newest(simulationId: string): RunSummary | undefined;
  /** Nothing happens when it is gone. */
  replace(run: Run): void;
}

export interface RunStore {
  forTenant(tenantId: string): TenantRuns;
  /** Of all tenants: for the host itself. */
  readonly host: {
    listRunning(): readonly Run[];
    listIds(): ReadonlySet<string>;
  };
}

/** What is tried, and where the target is on the links it can be tried on. */
export interface ProbeTarget {
  readonly addresses: readonly string[];
  readonly probe: Probe;
}

/** What came of a probe, and how long it had to wait before it was begun. */
export type ProbeOutcome = Omit<ProbeResult, "atSeconds"> & { readonly waitedMilliseconds: number };

/** Tries to reach nodes as a node would: from inside its network. */
export interface Prober {
  /** Has a helper at hand before it is needed: to start one takes longer than a probe. Never rejects. */
  prepare(container: { readonly sandboxKey: string }): Promise<void>;
  /**
   * Ends in so many milliseconds from now. Reached by one address is reached.
   * @throws Error when the host could not make the probe in time, which says nothing about the nodes
   */
  probe(
    container: { readonly sandboxKey: string },
    target: ProbeTarget,
    timeoutMilliseconds: number,
  ): Promise<ProbeOutcome>;
  /** Ends every helper of this prober. */
  close(): Promise<void>;
}

/** Files that belong to runs, kept beside the records. */
export interface CaptureFiles {
  /** Writes the pieces as they come; answers how many bytes there are when they end. */
  write(runId: string, name: string, pieces: AsyncIterable<Uint8Array>): Promise<number>;
  /** @throws DomainError `not-found` */
  read(runId: string, name: string): Promise<Uint8Array>;
  /** Of the files of a run, by name. */
  sizes(runId: string): Promise<Readonly<Record<string, number>>>;
  /** Removes the files of all runs but these. */
  keepOnly(listRunIds: () => ReadonlySet<string>): Promise<void>;
}

/** Time that only goes forward, and waits that end with the signal. */
export interface Time {
  nowMilliseconds(): number;
  /** Resolves also when the signal is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}
