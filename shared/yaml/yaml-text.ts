import { isMap, isNode, isScalar, isSeq, type Document, type Pair } from "yaml";
import type { TextPosition } from "./text-position.ts";

type Path = readonly (string | number)[];

/** A text that is one mapping. Values are looked up, never merged into objects: `__proto__` is a key like any other. */
export interface YamlText {
  /** The scalar there; for a mapping or list something that is no scalar. */
  readonly value: (path: Path) => unknown;
  /** Keys of the mapping there; undefined when nothing or something else is there. */
  readonly keys: (path: Path) => readonly string[] | undefined;
  /** Members of the mapping or entries of the list there; 0 when it is neither. */
  readonly size: (path: Path) => number;
  readonly has: (path: Path) => boolean;
  /** Where the value is; what is missing is shown at its parent. */
  readonly positionOf: (path: Path) => TextPosition;
  /** Where the last key of the path is, for complaints about the key itself. */
  readonly keyPositionOf: (path: Path) => TextPosition;
  /** What the text says in spite of tags and directives that are not known here. */
  readonly warnings: readonly (TextPosition & { readonly reason: string })[];
  /** All of it as plain objects, lists and scalars. A key `__proto__` becomes a member of its own, not a prototype. */
  readonly data: () => unknown;
}

type Pairs = ReadonlyMap<string, Pair>;
const warningsMax = 20;

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

const offsetOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);

const dataOf = (node: unknown): unknown => {
  if (isSeq(node)) return node.items.map(dataOf);
  if (isMap(node)) return Object.fromEntries(node.items.map(({ key, value }) => [String(key), dataOf(value)]));
  return isScalar(node) ? node.value : null;
};

/** The document's tree, which holds neither aliases nor doubled keys, for looking things up. */
export const yamlTextOf = (document: Document, positionOf: (offset: number) => TextPosition): YamlText => {
  const pairsOf = indexOf();
  const find = (path: Path): { readonly node: unknown; readonly key?: unknown } | undefined => {
    let found: { node: unknown; key?: unknown } = { node: document.contents };
    for (const part of path) {
      if (isSeq(found.node)) {
        const index = Number(part);
        if (!Number.isInteger(index) || index < 0 || index >= found.node.items.length) return undefined;
        found = { node: found.node.items[index] };
        continue;
      }
      const pair = pairsOf(found.node)?.get(String(part));
      if (pair === undefined) return undefined;
      found = { node: pair.value, key: pair.key };
    }
    return found;
  };
  const nearest = (path: Path): TextPosition => {
    for (let length = path.length; length >= 0; length -= 1) {
      const offset = offsetOf(find(path.slice(0, length))?.node);
      if (offset !== undefined) return positionOf(offset);
    }
    return positionOf(0);
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
    size: (path) => {
      const node = find(path)?.node;
      return isMap(node) || isSeq(node) ? node.items.length : 0;
    },
    positionOf: nearest,
    keyPositionOf: (path) => {
      const offset = offsetOf(find(path)?.key);
      return offset === undefined ? nearest(path) : positionOf(offset);
    },
    warnings: document.warnings
      .slice(0, warningsMax)
      .map(({ pos, message }) => ({ ...positionOf(pos[0]), reason: message.slice(0, 300) })),
    data: () => dataOf(document.contents),
  };
};
