/**
 * Percentages 0-100, milliseconds, bits per second. An absent member means: none of it, or on top of another impairment, as
 * it is there; 0 means none of it everywhere.
 */
export interface Impairment {
  readonly delayMilliseconds?: number;
  readonly jitterMilliseconds?: number;
  readonly lossPercent?: number;
  readonly rateBitsPerSecond?: number;
  readonly corruptionPercent?: number;
}

export interface Healthcheck {
  /** Run in the node itself, without a shell. */
  readonly command: readonly string[];
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly retries: number;
}

export interface NodeLimits {
  readonly memoryMegabytes: number;
  /** Share of processors, e.g. 0.25. */
  readonly cpus: number;
  readonly pidsMax: number;
}

export interface TopologyNode {
  readonly name: string;
  /** Name of an image that the host allows. */
  readonly image: string;
  /** Without one, the image's own command runs. */
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: NodeLimits;
  readonly healthcheck?: Healthcheck;
}

/** What happens to frames from one node to another on a link, on top of the link's own impairment: see `directionsOf`. */
export interface LinkDirection {
  readonly from: string;
  readonly to: string;
  readonly impairment: Impairment;
}

/** A network of its own that its nodes share: two nodes are a cable, more a switch. */
export interface TopologyLink {
  readonly name: string;
  readonly nodes: readonly string[];
  /** In every direction, as far as `directions` says nothing else. */
  readonly impairment: Impairment;
  readonly directions: readonly LinkDirection[];
}

/**
 * One entry of the timeline. Times count from the start of a run. What has `forSeconds` is undone after it: only an
 * impairment, a link that is down or a paused node has. An impairment comes on top of what is there, member by member;
 * without `from` or `to` it holds in every direction from or to any node of the link.
 */
export type TimelineEvent = { readonly atSeconds: number; readonly forSeconds?: number } & (
  | {
      readonly kind: "impair";
      readonly link: string;
      readonly from?: string;
      readonly to?: string;
      readonly impairment: Impairment;
    }
  | { readonly kind: "link"; readonly link: string; readonly state: "down" | "up" }
  | {
      readonly kind: "node";
      readonly node: string;
      readonly action: "pause" | "resume" | "kill" | "stop" | "start" | "restart";
    }
);

export type Probe =
  | { readonly kind: "tcp"; readonly from: string; readonly to: string; readonly port: number }
  | {
      readonly kind: "http";
      readonly from: string;
      readonly to: string;
      readonly port: number;
      readonly path: string;
      readonly status: number;
    };

/**
 * What must be seen between two moments of a run: `always` in every probe, `eventually` in one, `never` in none.
 * A probe is made about every second.
 */
export interface Assertion {
  readonly name: string;
  readonly probe: Probe;
  readonly expect: "always" | "eventually" | "never";
  readonly fromSeconds: number;
  readonly untilSeconds: number;
}

/** A homelab as it is simulated: what `read-topology` makes of a valid file, all defaults filled in, in the file's order. */
export interface Topology {
  readonly name: string;
  /** Every draw of chance in a run comes from it: the same seed and the same frames give the same losses. */
  readonly seed: number;
  readonly nodes: readonly TopologyNode[];
  readonly links: readonly TopologyLink[];
  readonly timeline: readonly TimelineEvent[];
  readonly assertions: readonly Assertion[];
}
