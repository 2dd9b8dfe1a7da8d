import type { Comparison, Run, RunSummary, Save } from "./run-shapes.ts";
import { readComparison, readRun, readRuns, readSaves } from "./run-shapes.ts";

/** Runs of a simulation, and saves of its nodes' files. Everything throws `ApiError`. */
export interface HistoryApi {
  readonly runs: (id: string) => Promise<readonly RunSummary[]>;
  readonly run: (id: string, run: string) => Promise<Run>;
  readonly startRun: (id: string) => Promise<Run>;
  readonly compareRuns: (id: string, run: string, earlier: string) => Promise<Comparison>;
  readonly cancelRun: (id: string, run: string) => Promise<Run>;
  /** A page of its own, to be kept or handed on. */
  readonly runReport: (id: string, run: string) => Promise<Blob>;
  /** A pcap file. */
  readonly runCapture: (id: string, run: string, name: string) => Promise<Blob>;
  readonly saves: (id: string) => Promise<readonly Save[]>;
  readonly makeSave: (id: string) => Promise<void>;
  readonly restoreSave: (id: string, save: string) => Promise<void>;
  readonly removeSave: (id: string, save: string) => Promise<void>;
  /** A tar archive. */
  readonly downloadSave: (id: string, save: string) => Promise<Blob>;
}

interface Deps {
  readonly call: (path: string, init?: RequestInit) => Promise<Response>;
  readonly json: (path: string, method?: string) => Promise<unknown>;
  /** Path of something of a simulation. */
  readonly at: (id: string, ...parts: readonly string[]) => string;
}

export const historyApi = ({ call, json, at }: Deps): HistoryApi => ({
  runs: async (id) => readRuns(await json(at(id, "runs"))).runs,
  run: async (id, run) => readRun(await json(at(id, "runs", run))),
  startRun: async (id) => readRun(await json(at(id, "runs"), "POST")),
  compareRuns: async (id, run, earlier) =>
    readComparison(await json(`${at(id, "runs", run)}?${new URLSearchParams({ compare: earlier })}`)),
  cancelRun: async (id, run) => readRun(await json(at(id, "runs", run, "cancel"), "POST")),
  runReport: async (id, run) => (await call(at(id, "runs", run, "report"))).blob(),
  runCapture: async (id, run, name) => (await call(at(id, "runs", run, "captures", name))).blob(),
  saves: async (id) => readSaves(await json(at(id, "saves"))).saves,
  makeSave: async (id) => {
    await json(at(id, "saves"), "POST");
  },
  restoreSave: async (id, save) => {
    await json(at(id, "saves", save, "restore"), "POST");
  },
  removeSave: async (id, save) => {
    await call(at(id, "saves", save), { method: "DELETE" });
  },
  downloadSave: async (id, save) => (await call(at(id, "saves", save))).blob(),
});
