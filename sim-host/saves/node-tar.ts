import type { Clock } from "../../shared/kernel/clock.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { DockerId } from "../engine/ports.ts";
import type { SimulationNode } from "../simulations/simulation.ts";

/** A node whose programs can be run. */
export type RunningNode = SimulationNode & { readonly containerId: DockerId };

export const isRunning = (node: SimulationNode): node is RunningNode =>
  node.state === "running" && node.containerId !== undefined;

/** The shell's codes for a program that is not there or may not be run. */
const isMissing = (exitCode: number): boolean => exitCode === 126 || exitCode === 127;

/** @throws DomainError `simulation-state` that names the node, when its tar did not do what it was told */
export const refuseExit = (node: string, exitCode: number): void => {
  if (exitCode === 0) return;
  const reason = isMissing(exitCode) ? "has no tar" : `could not do it: its tar ended with ${exitCode}`;
  throw new DomainError("simulation-state", `The node ${node} ${reason}.`, { facts: { node } });
};

const nodeMilliseconds = 20_000;
/** Shorter than an answer may take. */
const totalMilliseconds = 60_000;

/** How long the next of several nodes may take, in milliseconds. @throws DomainError `unavailable` when the time is up */
export const makeTimeLeft = (clock: Clock): (() => number) => {
  const until = clock().getTime() + totalMilliseconds;
  return () => {
    const left = until - clock().getTime();
    if (left > 0) return Math.min(left, nodeMilliseconds);
    throw new DomainError("unavailable", "The nodes took too long. Try again, or with fewer nodes.");
  };
};
