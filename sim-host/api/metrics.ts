import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** The host's present, for gauges: asked for when somebody reads the metrics. */
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
  text(): Promise<string>;
  /** So many answers with long lives of this kind are open. */
  open(kind: string, count: number): void;
  /** `route` is the pattern of a route of our own, not what was asked for. */
  request(route: string, method: string, status: number, seconds: number): void;
  operation(kind: string, status: string, seconds: number): void;
  /** `call` is one of our own words for it, as in `createContainer`. */
  dockerCall(call: string, outcome: "ok" | "failed", seconds: number): void;
}

interface Options {
  readonly figures: () => HostFigures;
  /** Also those of the process: memory, processor, event loop. One process has one of these. */
  readonly hasProcessMetrics: boolean;
}

const prefix = "kombify_sim_";
const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const operationBuckets = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300];

const addGauges = (registry: Registry, { figures }: Options): void => {
  const registers = [registry];
  const add = (name: string, help: string, label: string, valuesOf: () => Readonly<Record<string, number>>): void => {
    const gauge: Gauge = new Gauge({
      ...{ name: `${prefix}${name}`, help, labelNames: [label], registers },
      collect() {
        gauge.reset();
        for (const [value, count] of Object.entries(valuesOf())) gauge.set({ [label]: value }, count);
      },
    });
  };
  const addOne = (name: string, help: string, valueOf: () => number): void => {
    const gauge: Gauge = new Gauge({
      ...{ name: `${prefix}${name}`, help, registers },
      collect: () => gauge.set(valueOf()),
    });
  };
  add("simulations", "Simulations by status.", "status", () => figures().simulationsByStatus);
  add("nodes", "Nodes by state.", "state", () => figures().nodesByState);
  add("subnets", "Subnets of the host's range.", "state", () => ({ ...figures().subnets }));
  addOne("queue_length", "Simulations that wait for room.", () => figures().queueLength);
  addOne("walls_up", "1 while the walls hold.", () => (figures().areWallsUp ? 1 : 0));
};

/** Metrics for Prometheus, in a registry of their own. */
export const makeMetrics = (options: Options): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  if (options.hasProcessMetrics) collectDefaultMetrics({ register: registry });
  addGauges(registry, options);
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
    text: () => registry.metrics(),
    request: (route, method, status, seconds) => requests.observe({ route, method, status: String(status) }, seconds),
    operation: (kind, status, seconds) => operations.observe({ kind, status }, seconds),
    dockerCall: (call, outcome, seconds) => dockerCalls.observe({ call, outcome }, seconds),
  };
};
