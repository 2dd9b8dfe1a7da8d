import type { TenantStanding } from "../simulations/ports.ts";
import type { Assertion } from "../topology/topology.ts";

/**
 * `passed`: every fault happened and every assertion passed. `cancelled`: by somebody, or because the simulation did not run
 * any more. `interrupted`: the host was restarted meanwhile.
 */
export type RunStatus = "running" | "passed" | "failed" | "cancelled" | "interrupted";

/** One attempt to reach a node. Times count from the start of the run. */
export interface ProbeResult {
  readonly atSeconds: number;
  readonly isReached: boolean;
  /** How long it took, or until it was given up. */
  readonly milliseconds: number;
  /** For people, as in `status 503`. */
  readonly detail: string;
}

/** `open`: more may be seen of it. `not-probed`: too little was seen of it to say anything. */
export type Verdict = "open" | "passed" | "failed" | "not-probed";

export interface AssertionReport {
  readonly name: string;
  /** For people, as in `client gets 200 from http://web:8080/`. */
  readonly what: string;
  readonly expect: Assertion["expect"];
  readonly fromSeconds: number;
  readonly untilSeconds: number;
  readonly verdict: Verdict;
  /** Why, in a sentence. */
  readonly reason: string;
  readonly probes: readonly ProbeResult[];
  /** Probes that the host could not make: they say nothing. */
  readonly missed: number;
}

export interface FaultReport {
  readonly plannedAtSeconds: number;
  /** When it is undone; absent when it is not. */
  readonly untilSeconds?: number;
  /** When it had taken effect; null while it has not. */
  readonly happenedAtSeconds: number | null;
  /** The link or node that it happens to. */
  readonly subject: string;
  /** For people, as in `front: 100 % lost from client to web`. */
  readonly what: string;
  /** The end of one that was announced with a length. */
  readonly isUndoing: boolean;
  readonly outcome: "planned" | "done" | "failed" | "skipped";
  /** Why it failed. */
  readonly reason?: string;
}

/** What became of the frames of one direction while the run looked: links without impairments count nothing. */
export interface DirectionCounters {
  readonly link: string;
  readonly from: string;
  readonly to: string;
  readonly frames: number;
  readonly lost: number;
  readonly corrupted: number;
  readonly overflowed: number;
}

/** A pcap file of what passed the port of one node on one link. */
export interface CaptureReport {
  /** `<link>-<node>.pcap`. */
  readonly name: string;
  readonly link: string;
  readonly node: string;
  readonly bytes: number;
  /** It had reached its bound, or its node had ended: later frames are not in it. */
  readonly isCut: boolean;
  /** Why there is none, or no more of it. */
  readonly reason?: string;
}

/** One play of a simulation's timeline, and what was seen. */
export interface Run {
  readonly tenantId: string;
  readonly simulationId: string;
  /** `run-` and 20 characters of a-z and 2-7. */
  readonly id: string;
  readonly status: RunStatus;
  /** Why, in a sentence; absent while it runs. */
  readonly reason?: string;
  readonly seed: number;
  /** Of the topology as it was when the run began. */
  readonly topology: { readonly name: string; readonly digest: string };
  /** In whose name it plays. */
  readonly standing: TenantStanding;
  readonly startedAt: string;
  readonly endedAt?: string;
  /** Planned, cut at two hours. */
  readonly durationSeconds: number;
  readonly faults: readonly FaultReport[];
  readonly assertions: readonly AssertionReport[];
  readonly counters: readonly DirectionCounters[];
  readonly captures: readonly CaptureReport[];
}

/** What lists show of a run. */
export interface RunSummary {
  readonly id: string;
  readonly status: RunStatus;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly durationSeconds: number;
  readonly assertions: {
    readonly open: number;
    readonly passed: number;
    readonly failed: number;
    readonly notProbed: number;
  };
}

export const summaryOf = ({ id, status, startedAt, endedAt, durationSeconds, assertions }: Run): RunSummary => {
  const count = (verdict: Verdict): number => assertions.filter((assertion) => assertion.verdict === verdict).length;
  return {
    ...{ id, status, startedAt, ...(endedAt === undefined ? {} : { endedAt }), durationSeconds },
    assertions: {
      ...{ open: count("open"), passed: count("passed"), failed: count("failed") },
      notProbed: count("not-probed"),
    },
  };
};
