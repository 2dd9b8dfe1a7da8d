/** One step of an RFC 6902 patch; only what repairs need. */
export type JsonPatchOperation =
  | { readonly op: "add" | "replace"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string };

/** What is wrong, where, and how it is mended (contract 9). Lines and columns count from 1. */
export interface Finding {
  /** Stable, e.g. `spec/port-taken`. */
  readonly rule: string;
  readonly severity: "error" | "warning" | "info";
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** RFC 6901. */
  readonly pointer: string;
  readonly reason: string;
  /** A link. */
  readonly help: string;
  readonly repair?: readonly JsonPatchOperation[];
}

/** Where a rule is explained: docs/kits/rules.md has one heading for each. */
export const helpOf = (rule: string): string => `https://docs.kombify.io/stackkits/rules#${rule.replace("/", "")}`;
