import { pointerOf } from "../yaml/json-pointer.ts";
import type { Finding, JsonPatchOperation } from "./finding.ts";
import { helpOf } from "./finding.ts";

/** Every rule of lint; ids are stable. */
export const severities = {
  "kit/file-missing": "error",
  "kit/file-unexpected": "warning",
  "kit/path": "error",
  "kit/too-large": "error",
  "kit/archive": "error",
  "kit/encoding": "error",
  "kit/syntax": "error",
  "kit/alias": "error",
  "kit/key-forbidden": "error",
  "kit/schema": "error",
  "kit/member-unknown": "error",
  "kit/folder-differs": "error",
  "kit/name-twice": "error",
  "kit/service-unknown": "error",
  "kit/parameter-invalid": "error",
  "kit/changelog-version": "error",
  "kit/depends-on-itself": "error",
  "kit/image-not-pinned": "error",
  "kit/image-no-digest": "info",
  "kit/icon": "error",
  "compose/service-missing": "error",
  "compose/service-unknown": "error",
  "compose/image-differs": "error",
  "compose/ports-differ": "error",
  "compose/volumes-differ": "error",
  "compose/variable-unknown": "error",
  "compose/privileged": "warning",
} as const satisfies Record<string, Finding["severity"]>;
export type Rule = keyof typeof severities;

export interface Problem {
  readonly rule: Rule;
  readonly path?: readonly string[];
  readonly reason: string;
  readonly repair?: readonly JsonPatchOperation[];
  /** It is the key that is wrong, not what it leads to. */
  readonly isOfKey?: true;
}

/** A problem where it is in a file. */
export const findingOf = (
  problem: Problem,
  at: { readonly file: string; readonly line?: number; readonly column?: number },
): Finding => ({
  rule: problem.rule,
  severity: severities[problem.rule],
  file: at.file,
  line: at.line ?? 1,
  column: at.column ?? 1,
  pointer: pointerOf(problem.path ?? []),
  reason: problem.reason,
  help: helpOf(problem.rule),
  ...(problem.repair === undefined ? {} : { repair: problem.repair }),
});
