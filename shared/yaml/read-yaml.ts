import { isAlias, isCollection, isMap, isNode, isPair, parseDocument } from "yaml";
import { depthMax, scanYaml } from "./scan-yaml.ts";
import type { TextPosition } from "./text-position.ts";
import { positionsIn } from "./text-position.ts";
import type { YamlText } from "./yaml-text.ts";
import { yamlTextOf } from "./yaml-text.ts";

/** Why a text is not read. The reason is in words for its author. */
export interface YamlFault extends TextPosition {
  readonly kind: "syntax" | "not-a-mapping" | "alias" | "key-twice" | "key-refused" | "too-deep" | "too-many-parts";
  readonly path: readonly (string | number)[];
  readonly reason: string;
}

export type ReadYaml =
  | { readonly kind: "read"; readonly yaml: YamlText }
  | { readonly kind: "unreadable"; readonly faults: readonly YamlFault[] };

interface Fault extends Pick<YamlFault, "kind" | "path" | "reason"> {
  readonly offset: number;
}

const faultsMax = 20;
/** Shorter texts are parsed in milliseconds whatever they say; looking through them first would cost a quarter more. */
const scannedFrom = 16_384;
/** Keys are compared as texts (`1` is `"1"`), values looked up in the tree: see `yaml-text.ts`. */
export const yamlOptions = { uniqueKeys: false, prettyErrors: false, schema: "core" } as const;

const tooDeep: Fault = { kind: "too-deep", offset: 0, path: [], reason: "It is nested too deeply." };

const offsetOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0);

export interface YamlBounds {
  /** Keys that are refused wherever they stand. */
  readonly refusedKeys: ReadonlySet<string>;
  /** Words, signs, spaces and line breaks, counted in texts of some length only. */
  readonly partsMax: number;
  /** Of one mapping. */
  readonly membersMax: number;
}

/** What people write by hand has a few thousand words. */
const usualBounds: YamlBounds = { refusedKeys: new Set(), partsMax: 100_000, membersMax: 20_000 };

/** All that the parser lets pass. Its own search for doubled keys takes quadratic time. */
const searchFaults = (contents: unknown, { refusedKeys, membersMax }: YamlBounds): readonly Fault[] => {
  const faults: Fault[] = [];
  const report = (kind: Fault["kind"], node: unknown, path: Fault["path"], reason: string): void => {
    if (faults.length < faultsMax) faults.push({ kind, offset: offsetOf(node), path, reason });
  };
  const search = (node: unknown, path: Fault["path"]): void => {
    if (isAlias(node)) report("alias", node, path, "Write values out: aliases are refused.");
    if (!isCollection(node)) return;
    if (path.length >= depthMax) {
      report("too-deep", node, path, "It is nested too deeply.");
      return;
    }
    if (isMap(node) && node.items.length > membersMax) {
      report("too-many-parts", node, path, `A mapping has at most ${membersMax} members.`);
      return;
    }
    const seen = new Set<string>();
    for (const [index, item] of node.items.entries()) {
      if (!isPair(item)) {
        search(item, [...path, index]);
        continue;
      }
      const key = String(item.key);
      const place = [...path, key];
      if (isMap(node) && seen.has(key)) report("key-twice", item.key, place, "Map keys must be unique.");
      if (refusedKeys.has(key)) report("key-refused", item.key, place, `The key ${key} is refused.`);
      seen.add(key);
      search(item.key, place);
      search(item.value, place);
    }
  };
  search(contents, []);
  return faults;
};

/**
 * Reads YAML or JSON (which is YAML 1.2) that is one mapping, as data only. Aliases are refused: they make bombs of small
 * texts. Time and memory are bounded whatever the text says; how long it is, the caller bounds.
 */
export const readYaml = (text: string, given: Partial<YamlBounds> = {}): ReadYaml => {
  const bounds = { ...usualBounds, ...given };
  const positionOf = positionsIn(text);
  const unreadable = (faults: readonly Fault[]): ReadYaml => ({
    kind: "unreadable",
    faults: faults.map(({ offset, ...fault }) => ({ ...fault, ...positionOf(offset) })),
  });
  const scanned = text.length < scannedFrom ? undefined : scanYaml(text, bounds.partsMax);
  if (scanned !== undefined) return unreadable([{ ...scanned, path: [] }]);
  try {
    const document = parseDocument(text, yamlOptions);
    // The parser reports the end of its stack as an error of the text.
    if (document.errors.some(({ message }) => message.startsWith("Maximum call stack"))) return unreadable([tooDeep]);
    if (document.errors.length > 0) {
      return unreadable(
        document.errors
          .slice(0, faultsMax)
          .map(({ pos, message }) => ({ kind: "syntax", offset: pos[0], path: [], reason: message.slice(0, 300) })),
      );
    }
    if (!isMap(document.contents)) {
      return unreadable([{ kind: "not-a-mapping", offset: 0, path: [], reason: "A mapping is expected." }]);
    }
    const faults = searchFaults(document.contents, bounds);
    if (faults.length > 0) return unreadable(faults);
    return { kind: "read", yaml: yamlTextOf(document, positionOf) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return unreadable([tooDeep]);
  }
};
