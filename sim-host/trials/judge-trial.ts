import type { Run } from "../runs/run.ts";
import type { Simulation } from "../simulations/simulation.ts";
import type { Trial, TrialResult } from "./trial.ts";

const reasonCharactersMax = 500;
const clipped = (text: string): string => text.slice(0, reasonCharactersMax) || "-";

const assertionsOf = ({ assertions }: Run): TrialResult["assertions"] =>
  assertions.map(({ name, verdict, reason }) => ({ name: clipped(name), verdict, reason: clipped(reason) }));

/** A kit is more than its ports: a service that ends by itself is seen from nowhere else. */
const endedService = ({ images }: Trial, { nodes }: Simulation): string | undefined => {
  const ended = nodes.find(({ name, state }) => state !== "running" && images.some(({ service }) => service === name));
  if (ended === undefined) return undefined;
  const { name, state, exitCode } = ended;
  return `${name} does not run at the end: it is ${state}${exitCode === undefined ? "" : `, with exit code ${exitCode}`}.`;
};

/** A trial that ends before a run has said anything. */
export const failedTrial = (reason: string, at: Date): TrialResult => ({
  ...{ status: "failed", reason: clipped(reason), endedAt: at.toISOString(), assertions: [] },
});

/** What a run that is over says of the kit. Undefined: nothing, because the host was too busy to look; play it again. */
export const judgeTrial = (trial: Trial, simulation: Simulation, run: Run): TrialResult | undefined => {
  const seen = { runId: run.id, endedAt: run.endedAt ?? run.startedAt, assertions: assertionsOf(run) };
  if (run.status === "passed") {
    const ended = endedService(trial, simulation);
    return ended === undefined ? { ...seen, status: "passed" } : { ...seen, status: "failed", reason: clipped(ended) };
  }
  const broken = run.assertions.filter(({ verdict }) => verdict !== "passed");
  const [first] = broken.filter(({ verdict }) => verdict === "failed");
  if (first === undefined && broken.length > 0) return undefined;
  const reason = first === undefined ? (run.reason ?? "") : `${first.name}: ${first.reason}`;
  return { ...seen, status: "failed", reason: clipped(reason) };
};
