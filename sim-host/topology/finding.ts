/** What is wrong with a topology, where, and how it is mended. Lines and columns count from 1. */
export interface Finding {
  /** Stable, e.g. `topology/node-unknown`. */
  readonly rule: string;
  readonly severity: "error" | "warning" | "info";
  readonly line: number;
  readonly column: number;
  /** RFC 6901. */
  readonly pointer: string;
  readonly reason: string;
  /** A link. */
  readonly help: string;
}

/** Where a rule is explained: docs/simulations-rules.md has one heading for each. */
export const helpOf = (rule: string): string => `https://docs.kombify.io/simulations/rules#${rule.replace("/", "")}`;
