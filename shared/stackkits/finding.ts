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

/** A path as an RFC 6901 pointer. */
export const pointerOf = (path: readonly string[]): string =>
  path.map((part) => `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** The parts of an RFC 6901 pointer. */
export const pathOf = (pointer: string): readonly string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
