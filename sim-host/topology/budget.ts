import type { Plan } from "../../shared/tenants/plan.ts";
import { simulationLimits } from "./simulation-limits.ts";
import type { TimelineEvent, Topology } from "./topology.ts";

/** What a topology takes of the plan and the host. */
export interface Budget {
  readonly nodes: number;
  readonly links: number;
  readonly memoryMegabytes: number;
  readonly cpus: number;
  /** On all links together; each link takes a /27 of the host's range nevertheless. */
  readonly addresses: number;
  /** How long it may run by the plan. */
  readonly minutes: number;
  /** How long a run takes until its last event is undone and its last assertion decided, rounded up. */
  readonly runMinutes: number;
}

const endOf = ({ atSeconds, forSeconds = 0 }: TimelineEvent): number => atSeconds + forSeconds;

/** How long a run takes; 0 when there is nothing to do and nothing to see. */
export const runSecondsOf = ({ timeline, assertions }: Topology): number =>
  Math.max(0, ...timeline.map(endOf), ...assertions.map(({ untilSeconds }) => untilSeconds));

/** Sums over all nodes and links, and the time that the plan gives. */
export const budgetOf = (topology: Topology, plan: Plan): Budget => {
  const { nodes, links } = topology;
  const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);
  return {
    nodes: nodes.length,
    links: links.length,
    memoryMegabytes: sum(nodes.map(({ limits }) => limits.memoryMegabytes)),
    // Sums of binary fractions: three times 0.1 is not more than 0.3.
    cpus: Math.round(sum(nodes.map(({ limits }) => limits.cpus)) * 1_000) / 1_000,
    addresses: sum(links.map((link) => link.nodes.length)),
    minutes: simulationLimits[plan].minutesMax,
    runMinutes: Math.ceil(runSecondsOf(topology) / 60),
  };
};
