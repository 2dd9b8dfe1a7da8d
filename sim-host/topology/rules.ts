import { pointerOf } from "../../shared/yaml/json-pointer.ts";
import type { TextPosition } from "../../shared/yaml/text-position.ts";
import type { Finding } from "./finding.ts";
import { helpOf } from "./finding.ts";
import { nearestName } from "./nearest-name.ts";

/** Every rule of a topology; ids are stable. */
export const severities = {
  "topology/too-large": "error",
  "topology/encoding": "error",
  "topology/syntax": "error",
  "topology/not-a-mapping": "error",
  "topology/alias": "error",
  "topology/key-twice": "error",
  "topology/key-refused": "error",
  "topology/too-deep": "error",
  "topology/too-many": "error",
  "topology/member-missing": "error",
  "topology/member-unknown": "error",
  "topology/value-invalid": "error",
  "topology/name-invalid": "error",
  "topology/name-reserved": "error",
  "topology/image-unknown": "error",
  "topology/node-unknown": "error",
  "topology/node-twice": "error",
  "topology/link-unknown": "error",
  "topology/direction-invalid": "error",
  "topology/direction-twice": "error",
  "topology/too-late": "error",
  "topology/for-senseless": "error",
  "topology/window-empty": "error",
  "topology/never-reachable": "error",
  "topology/assertion-twice": "error",
  "topology/node-alone": "warning",
  "topology/jitter-exceeds-delay": "warning",
  "topology/more": "info",
} as const satisfies Record<string, Finding["severity"]>;
export type Rule = keyof typeof severities;

export const isRule = (text: unknown): text is Rule => typeof text === "string" && Object.hasOwn(severities, text);

/** Something wrong at a path of the written topology. */
export interface Problem {
  readonly rule: Rule;
  readonly path: readonly (string | number)[];
  readonly reason: string;
  /** A name that is not there: the reason is followed by what was probably meant, or by the advice. */
  readonly unknown?: { readonly name: string; readonly among: readonly string[]; readonly advice: string };
  /** The complaint is about the last key of the path, not about what is there. */
  readonly isAboutKey?: boolean;
}

/** The problem where it is in the text. */
export const findingOf = ({ rule, path, reason, unknown }: Problem, { line, column }: TextPosition): Finding => {
  const meant = unknown === undefined ? undefined : nearestName(unknown.name, unknown.among);
  const hint = unknown === undefined ? "" : ` ${meant === undefined ? unknown.advice : `Did you mean ${meant}?`}`;
  const [severity, help] = [severities[rule], helpOf(rule)];
  return { rule, severity, line, column, pointer: pointerOf(path), reason: `${reason}${hint}`, help };
};
