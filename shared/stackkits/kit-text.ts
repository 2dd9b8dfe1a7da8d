import { isMap, LineCounter, parseDocument, visit, type Document } from "yaml";
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

const findingsMax = 20;
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

const offsetOf = (document: Document, path: readonly string[]): number => {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    const range = typeof node === "object" && node !== null && "range" in node ? node.range : undefined;
    if (Array.isArray(range) && typeof range[0] === "number") return range[0];
  }
  return 0;
};

/** Why the document is not turned into data. Nothing of it is expanded to find out. */
const refusalOf = (document: Document): { readonly problem: Problem; readonly offset: number } | undefined => {
  let found: { problem: Problem; offset: number } | undefined;
  visit(document, {
    Alias: (_key, { range }) => {
      const problem: Problem = { rule: "kit/alias", reason: "Write values out: aliases are refused." };
      found = { problem, offset: range?.[0] ?? 0 };
      return visit.BREAK;
    },
    Pair: (_key, { key }) => {
      if (!forbiddenKeys.has(String(key))) return undefined;
      const problem: Problem = { rule: "kit/key-forbidden", reason: `The key ${String(key)} is refused.` };
      found = { problem, offset: 0 };
      return visit.BREAK;
    },
  });
  return found;
};

const parse = (file: string, text: string): ReadYaml => {
  const lines = new LineCounter();
  const at = (offset: number, problem: Problem): Finding => {
    const { line, col } = lines.linePos(offset);
    return findingOf(problem, { file, line: Math.max(1, line), column: Math.max(1, col) });
  };
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false, schema: "core" });
  if (document.errors.length > 0) {
    const findings = document.errors
      .slice(0, findingsMax)
      .map(({ pos, message }) => at(pos[0], { rule: "kit/syntax", reason: message.slice(0, 300) }));
    return { findings };
  }
  if (!isMap(document.contents)) return { findings: [at(0, { rule: "kit/syntax", reason: "A mapping is expected." })] };
  const refusal = refusalOf(document);
  if (refusal !== undefined) return { findings: [at(refusal.offset, refusal.problem)] };
  const locate = (problem: Problem): Finding => at(offsetOf(document, problem.path ?? []), problem);
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
