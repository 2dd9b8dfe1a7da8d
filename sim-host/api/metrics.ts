import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** The host's present, for gauges: asked for once whenever somebody reads the metrics. */
export interface HostFigures {
  readonly simulationsByStatus: Readonly<Record<string, number>>;
  readonly nodesByState: Readonly<Record<string, number>>;
  readonly queueLength: number;
  readonly areWallsUp: boolean;
  readonly subnets: { readonly used: number; readonly free: number };
}

/** What is counted; no label says anything of a tenant. Times are in seconds. */
export interface Metrics {
  readonly contentType: string;
  readonly text: (figures: HostFigures) => Promise<string>;
  /** So many answers with long lives of this kind are open. */
  readonly open: (kind: string, count: number) => void;
  /** `route` is the pattern of a route of our own, not what was asked for. */
  readonly request: (route: string, method: string, status: number, seconds: number) => void;
  readonly operation: (kind: string, status: string, seconds: number) => void;
  /** `call` is one of our own words for it, as in `createContainer`. */
  readonly dockerCall: (call: string, outcome: "ok" | "failed", seconds: number) => void;
}

interface Options {
  /** Also those of the process: memory, processor, event loop. One process has one of these. */
  readonly hasProcessMetrics: boolean;
}

const prefix = "kombify_sim_";
const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const operationBuckets = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300];

/** Gauges of the host's present, and what sets them all. */
const makeGauges = (registers: Registry[]): ((figures: HostFigures) => void) => {
  const labelled = (name: string, help: string, label: string) => {
    const gauge = new Gauge({ name: `${prefix}${name}`, help, labelNames: [label], registers });
    return (values: Readonly<Record<string, number>>): void => {
      gauge.reset();
      for (const [value, count] of Object.entries(values)) gauge.set({ [label]: value }, count);
    };
  };
  const simulations = labelled("simulations", "Simulations that are not at rest, by status.", "status");
  const nodes = labelled("nodes", "Nodes of these, by state.", "state");
  const subnets = labelled("subnets", "Subnets of the host's range.", "state");
  const queueLength = new Gauge({ name: `${prefix}queue_length`, help: "Simulations that wait for room.", registers });
  const wallsUp = new Gauge({ name: `${prefix}walls_up`, help: "1 while the walls hold.", registers });
  return (figures) => {
    simulations(figures.simulationsByStatus);
    nodes(figures.nodesByState);
    subnets({ ...figures.subnets });
    queueLength.set(figures.queueLength);
    wallsUp.set(figures.areWallsUp ? 1 : 0);
  };
};

/** Metrics for Prometheus, in a registry of their own. */
export const makeMetrics = ({ hasProcessMetrics }: Options): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  if (hasProcessMetrics) collectDefaultMetrics({ register: registry });
  const setGauges = makeGauges(registers);
  const requests = new Histogram({
    ...{ name: `${prefix}http_request_seconds`, help: "Requests that were answered.", registers },
    ...{ labelNames: ["route", "method", "status"] as const, buckets: requestBuckets },
  });
  const operations = new Histogram({
    ...{ name: `${prefix}operation_seconds`, help: "Operations that ended.", registers },
    ...{ labelNames: ["kind", "status"] as const, buckets: operationBuckets },
  });
  const dockerCalls = new Histogram({
    ...{ name: `${prefix}docker_call_seconds`, help: "Calls of the engine.", registers },
    ...{ labelNames: ["call", "outcome"] as const, buckets: requestBuckets },
  });
  const open = new Gauge({
    ...{ name: `${prefix}open_answers`, help: "Answers with long lives that are open.", registers },
    labelNames: ["kind"] as const,
  });
  return {
    open: (kind, count) => open.set({ kind }, count),
    contentType: registry.contentType,
    text: (figures) => {
      setGauges(figures);
      return registry.metrics();
    },
    request: (route, method, status, seconds) => requests.observe({ route, method, status: String(status) }, seconds),
    operation: (kind, status, seconds) => operations.observe({ kind, status }, seconds),
    dockerCall: (call, outcome, seconds) => dockerCalls.observe({ call, outcome }, seconds),
  };
};
