import { isMap, isNode, LineCounter, visit, type Document } from "yaml";
import { readBoundedYaml } from "./bounded-yaml.ts";
import type { Finding } from "./finding.ts";
import type { KitFiles } from "./kit-files.ts";
import type { Problem } from "./rules.ts";
import { findingOf } from "./rules.ts";

export interface YamlText {
  readonly file: string;
  /** Plain data; has no member `__proto__`. */
  readonly data: unknown;
  /** The finding with line and column; what is missing is shown at its parent. */
  readonly locate: (problem: Problem) => Finding;
}

export type ReadYaml = { readonly yaml: YamlText } | { readonly findings: readonly Finding[] };

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

const keyOffsetOf = (document: Document, path: readonly string[]): number | undefined => {
  const parent = document.getIn(path.slice(0, -1), true);
  const name = path.at(-1);
  const key = isMap(parent) ? parent.items.find((pair) => String(pair.key) === name)?.key : undefined;
  return isNode(key) ? key.range?.[0] : undefined;
};

const offsetOf = (document: Document, { path = [], isOfKey }: Problem): number => {
  const keyOffset = isOfKey === true ? keyOffsetOf(document, path) : undefined;
  if (keyOffset !== undefined) return keyOffset;
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    const range = typeof node === "object" && node !== null && "range" in node ? node.range : undefined;
    if (Array.isArray(range) && typeof range[0] === "number") return range[0];
  }
  return 0;
};

/** A key that is refused, wherever it is. */
const forbiddenKey = (document: Document): { readonly name: string; readonly offset: number } | undefined => {
  let found: { name: string; offset: number } | undefined;
  visit(document, {
    Pair: (_key, { key }) => {
      if (!forbiddenKeys.has(String(key))) return undefined;
      found = { name: String(key), offset: isNode(key) ? (key.range?.[0] ?? 0) : 0 };
      return visit.BREAK;
    },
  });
  return found;
};

const ruleOf = {
  syntax: "kit/syntax",
  alias: "kit/alias",
  "too-large": "kit/too-large",
  "too-deep": "kit/syntax",
} as const;

/** A long changelog has a few ten thousand. */
const tokensMax = 100_000;

const parse = (file: string, text: string): ReadYaml => {
  const lines = new LineCounter();
  const at = (offset: number, problem: Problem): Finding => {
    const { line, col } = lines.linePos(offset);
    return findingOf(problem, { file, line: Math.max(1, line), column: Math.max(1, col) });
  };
  const read = readBoundedYaml(text, lines, tokensMax);
  if ("refusals" in read) {
    return { findings: read.refusals.map(({ offset, kind, reason }) => at(offset, { rule: ruleOf[kind], reason })) };
  }
  const { document } = read;
  if (!isMap(document.contents)) return { findings: [at(0, { rule: "kit/syntax", reason: "A mapping is expected." })] };
  const forbidden = forbiddenKey(document);
  if (forbidden !== undefined) {
    const { name, offset } = forbidden;
    return { findings: [at(offset, { rule: "kit/key-forbidden", reason: `The key ${name} is refused.` })] };
  }
  const locate = (problem: Problem): Finding => at(offsetOf(document, problem), problem);
  return { yaml: { file, data: document.toJS({ maxAliasCount: 0 }), locate } };
};

/** A file of YAML that is one mapping without aliases, or why it is not. */
export const readYaml = (files: KitFiles, file: string): ReadYaml => {
  const read = decode(files, file);
  if ("finding" in read) return { findings: [read.finding] };
  try {
    return parse(file, read.text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { findings: [findingOf({ rule: "kit/syntax", reason: "It is nested too deeply." }, { file })] };
  }
};
