import { isMap, LineCounter, parseDocument, visit, type Document } from "yaml";
import type { Finding, JsonPatchOperation } from "./finding.ts";
import { pathOf, pointerOf } from "./finding.ts";

const file = "spec.yaml";
const errorsMax = 20;

export interface Complaint {
  readonly rule: string;
  readonly path: readonly string[];
  readonly reason: string;
  readonly repair?: readonly JsonPatchOperation[];
}

/** A spec that is one mapping. Values are looked up, never copied into objects: `__proto__` is a key like any other. */
export interface SpecText {
  readonly value: (path: readonly string[]) => unknown;
  /** Keys of the mapping there; undefined when nothing or something else is there. */
  readonly keys: (path: readonly string[]) => readonly string[] | undefined;
  readonly has: (path: readonly string[]) => boolean;
  /** The complaint with line and column; what is missing is shown at its parent. */
  readonly locate: (complaint: Complaint) => Finding;
}

export type ReadSpec =
  | { readonly kind: "read"; readonly spec: SpecText }
  | { readonly kind: "unreadable"; readonly findings: readonly Finding[] };

const findingAt = (lines: LineCounter, offset: number, { rule, path, reason, repair }: Complaint): Finding => {
  const { line, col } = lines.linePos(offset);
  return {
    rule,
    severity: "error",
    file,
    line: Math.max(1, line),
    column: Math.max(1, col),
    pointer: pointerOf(path),
    reason,
    help: `https://docs.kombify.io/stackkits/rules/${rule}`,
    ...(repair === undefined ? {} : { repair }),
  };
};

const offsetOf = (document: Document, path: readonly string[]): number => {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    const range = typeof node === "object" && node !== null && "range" in node ? node.range : undefined;
    if (Array.isArray(range) && typeof range[0] === "number") return range[0];
  }
  return 0;
};

const specOf = (document: Document, lines: LineCounter): SpecText => ({
  value: (path) => document.getIn(path),
  has: (path) => document.hasIn(path),
  keys: (path) => {
    const node = path.length === 0 ? document.contents : document.getIn(path, true);
    return isMap(node) ? node.items.map(({ key }) => String(key)) : undefined;
  },
  locate: (complaint) => findingAt(lines, offsetOf(document, complaint.path), complaint),
});

const hasReferences = (document: Document): boolean => {
  let found = false;
  visit(document, {
    Alias: () => {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
};

const unreadable = (findings: readonly Finding[]): ReadSpec => ({ kind: "unreadable", findings });

/** Reads YAML or JSON (which is YAML 1.2) as data only. Aliases are refused: they make bombs of small texts. */
export const readSpec = (text: string): ReadSpec => {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false, schema: "core" });
    const at = (offset: number, rule: string, reason: string) => findingAt(lines, offset, { rule, path: [], reason });
    if (document.errors.length > 0) {
      return unreadable(
        document.errors.slice(0, errorsMax).map(({ pos, message }) => at(pos[0], "spec/syntax", message.slice(0, 300))),
      );
    }
    if (!isMap(document.contents)) return unreadable([at(0, "spec/not-a-mapping", "A spec is a mapping of members.")]);
    if (hasReferences(document)) return unreadable([at(0, "spec/alias", "Write values out: aliases are refused.")]);
    return { kind: "read", spec: specOf(document, lines) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const complaint = { rule: "spec/too-deep", path: [], reason: "The spec is nested too deeply." };
    return unreadable([findingAt(lines, 0, complaint)]);
  }
};

/** The spec with a repair applied; comments and order stay. Throws what `yaml` throws when the path leads nowhere. */
export const applyRepair = (text: string, repair: readonly JsonPatchOperation[]): string => {
  const document = parseDocument(text);
  for (const operation of repair) {
    if (operation.op === "remove") document.deleteIn(pathOf(operation.path));
    else document.setIn(pathOf(operation.path), document.createNode(operation.value));
  }
  return document.toString();
};
