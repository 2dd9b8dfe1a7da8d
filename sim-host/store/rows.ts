import type { Run, RunSummary } from "../runs/run.ts";
import type { Operation, Simulation, SimulationEvent } from "../simulations/simulation.ts";
import type { Trial } from "../trials/trial.ts";

type Row = Readonly<Record<string, unknown>> | undefined;

/** Rows hold what this program wrote itself, in types of the same names: they are read back without a second look. */
const documentOf = (row: Row): unknown => (row === undefined ? undefined : JSON.parse(String(row["document"])));

export const simulationOf = (row: Row) => documentOf(row) as Simulation | undefined;
export const operationOf = (row: Row) => documentOf(row) as Operation | undefined;
export const eventOf = (row: Row) => documentOf(row) as SimulationEvent | undefined;

export const runOf = (row: Row) => documentOf(row) as Run | undefined;
/** Of a row whose `document` is the summary. */
export const runSummaryOf = (row: Row) => documentOf(row) as RunSummary | undefined;
export const trialOf = (row: Row) => documentOf(row) as Trial | undefined;

export interface KeptAnswer {
  readonly requestDigest: string;
  readonly simulationId: string;
  readonly operationId: string;
}
export const answerOf = (row: Row) => documentOf(row) as KeptAnswer | undefined;

/** All rows as one kind of record. */
export const all = <T>(rows: readonly Row[], read: (row: Row) => T | undefined): readonly T[] =>
  rows.flatMap((row) => read(row) ?? []);
