import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document, type Pair, type YAMLMap } from "yaml";
import { readBoundedYaml } from "./bounded-yaml.ts";
import type { Finding, JsonPatchOperation } from "./finding.ts";
import { helpOf, pathOf, pointerOf } from "./finding.ts";

const file = "spec.yaml";

export interface Complaint {
  readonly rule: string;
  readonly path: readonly string[];
  readonly reason: string;
  readonly repair?: readonly JsonPatchOperation[];
  /** It is the key that is wrong, not what it leads to. */
  readonly isOfKey?: true;
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
    help: helpOf(rule),
    ...(repair === undefined ? {} : { repair }),
  };
};

type Pairs = ReadonlyMap<string, Pair>;

/** The members of a mapping by key, each mapping looked through once: looking up is no search. */
const indexOf = () => {
  const known = new Map<unknown, Pairs>();
  return (node: unknown): Pairs | undefined => {
    if (!isMap(node)) return undefined;
    const pairs = known.get(node) ?? new Map(node.items.map((pair) => [String(pair.key), pair]));
    known.set(node, pairs);
    return pairs;
  };
};

const offsetOf = (node: unknown): number | undefined => {
  const range = isNode(node) ? node.range : undefined;
  return range?.[0];
};

const specOf = (document: Document, lines: LineCounter): SpecText => {
  const pairsOf = indexOf();
  const find = (path: readonly string[]): { readonly node: unknown; readonly key?: unknown } | undefined => {
    let found: { node: unknown; key?: unknown } = { node: document.contents };
    for (const part of path) {
      const pair = pairsOf(found.node)?.get(part);
      if (pair === undefined) return undefined;
      found = { node: pair.value, key: pair.key };
    }
    return found;
  };
  const nearest = ({ path, isOfKey }: Complaint): number => {
    const keyOffset = isOfKey === true ? offsetOf(find(path)?.key) : undefined;
    if (keyOffset !== undefined) return keyOffset;
    for (let length = path.length; length >= 0; length -= 1) {
      const offset = offsetOf(find(path.slice(0, length))?.node);
      if (offset !== undefined) return offset;
    }
    return 0;
  };
  return {
    value: (path) => {
      const node = find(path)?.node;
      return isScalar(node) ? node.value : node;
    },
    has: (path) => find(path) !== undefined,
    keys: (path) => {
      const pairs = pairsOf(find(path)?.node);
      return pairs === undefined ? undefined : [...pairs.keys()];
    },
    locate: (complaint) => findingAt(lines, nearest(complaint), complaint),
  };
};

/** Ten times what a spec of 500 lines has. */
const tokensMax = 20_000;

const unreadable = (findings: readonly Finding[]): ReadSpec => ({ kind: "unreadable", findings });

/** Reads YAML or JSON (which is YAML 1.2) as data only. Aliases are refused: they make bombs of small texts. */
export const readSpec = (text: string): ReadSpec => {
  const lines = new LineCounter();
  const at = (offset: number, rule: string, reason: string) => findingAt(lines, offset, { rule, path: [], reason });
  const read = readBoundedYaml(text, lines, tokensMax);
  if ("refusals" in read) {
    return unreadable(read.refusals.map(({ offset, kind, reason }) => at(offset, `spec/${kind}`, reason)));
  }
  const { document } = read;
  if (!isMap(document.contents)) return unreadable([at(0, "spec/not-a-mapping", "A spec is a mapping of members.")]);
  return { kind: "read", spec: specOf(document, lines) };
};

const parsing = { uniqueKeys: false, prettyErrors: false, schema: "core" } as const;

const pairAt = (map: YAMLMap, name: string): Pair | undefined => map.items.find(({ key }) => String(key) === name);

const repairAt = (document: Document, operation: JsonPatchOperation): void => {
  const path = pathOf(operation.path);
  const last = path.at(-1);
  let node: unknown = document.contents;
  for (const part of path.slice(0, -1)) node = isMap(node) ? pairAt(node, part)?.value : undefined;
  if (last === undefined || !isMap(node)) throw new RangeError(`The repair leads nowhere: ${operation.path}`);
  const pair = pairAt(node, last);
  if (operation.op === "remove") node.items = node.items.filter((item) => item !== pair);
  else if (pair === undefined) node.items.push(document.createPair(last, operation.value));
  else pair.value = document.createNode(operation.value);
};

/**
 * The spec with a repair applied; comments and order stay. Keys are compared as text, as the checks do: `1` is `"1"`.
 * @throws RangeError when a path leads nowhere
 */
export const applyRepair = (text: string, repair: readonly JsonPatchOperation[]): string => {
  const document: Document = parseDocument(text, parsing);
  for (const operation of repair) repairAt(document, operation);
  return document.toString();
};
