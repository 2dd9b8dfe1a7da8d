import type { YamlFault } from "../yaml/read-yaml.ts";
import { readYaml } from "../yaml/read-yaml.ts";
import type { Finding } from "./finding.ts";
import type { KitFiles } from "./kit-files.ts";
import type { Problem, Rule } from "./rules.ts";
import { findingOf } from "./rules.ts";

export interface KitYaml {
  readonly file: string;
  /** Plain data; has no member `__proto__`. */
  readonly data: unknown;
  /** The finding with line and column; what is missing is shown at its parent. */
  readonly locate: (problem: Problem) => Finding;
}

export type ReadKitYaml = { readonly yaml: KitYaml } | { readonly findings: readonly Finding[] };

const forbiddenKeys = new Set(["__proto__", "constructor", "prototype"]);

/** The text of a file; a finding when it is not UTF-8 without byte order mark and NUL. */
export const decode = (files: KitFiles, file: string): { readonly text: string } | { readonly finding: Finding } => {
  const bytes = files.get(file);
  if (bytes === undefined)
    return { finding: findingOf({ rule: "kit/file-missing", reason: `Add ${file}.` }, { file }) };
  const wrong = (reason: string) => ({ finding: findingOf({ rule: "kit/encoding", reason }, { file }) });
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return wrong("Save it as UTF-8; this is UTF-16.");
  }
  if (first === 0xef && second === 0xbb) return wrong("Save it without a byte order mark.");
  if (bytes.includes(0)) return wrong("It contains NUL.");
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return wrong("It is not UTF-8.");
  }
};

const rules: Readonly<Record<YamlFault["kind"], Rule>> = {
  syntax: "kit/syntax",
  "not-a-mapping": "kit/syntax",
  alias: "kit/alias",
  "key-twice": "kit/syntax",
  "key-refused": "kit/key-forbidden",
  "too-deep": "kit/syntax",
  "too-many-parts": "kit/too-large",
};

/** More than any kit has: findings stay few. */
const membersMax = 1_000;

/** A file of YAML that is one mapping without aliases, or why it is not. */
export const readKitYaml = (files: KitFiles, file: string): ReadKitYaml => {
  const decoded = decode(files, file);
  if ("finding" in decoded) return { findings: [decoded.finding] };
  const read = readYaml(decoded.text, { refusedKeys: forbiddenKeys, membersMax });
  if (read.kind === "unreadable") {
    const findings = read.faults.map(({ kind, path, reason, line, column }) =>
      findingOf({ rule: rules[kind], path: path.map(String), reason }, { file, line, column }),
    );
    return { findings };
  }
  const { yaml } = read;
  const locate = (problem: Problem): Finding => {
    const { path = [], isOfKey } = problem;
    return findingOf(problem, { file, ...(isOfKey === true ? yaml.keyPositionOf(path) : yaml.positionOf(path)) });
  };
  return { yaml: { file, data: yaml.data(), locate } };
};
