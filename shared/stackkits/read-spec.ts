import { isMap, parseDocument, type Document, type Pair, type YAMLMap } from "yaml";
import { pathOf, pointerOf } from "../yaml/json-pointer.ts";
import type { YamlFault } from "../yaml/read-yaml.ts";
import { readYaml, yamlOptions } from "../yaml/read-yaml.ts";
import type { TextPosition } from "../yaml/text-position.ts";
import type { YamlText } from "../yaml/yaml-text.ts";
import type { Finding, JsonPatchOperation } from "./finding.ts";
import { helpOf } from "./finding.ts";

const file = "spec.yaml";

export interface Complaint {
  readonly rule: string;
  readonly path: readonly string[];
  readonly reason: string;
  readonly repair?: readonly JsonPatchOperation[];
  /** It is the key that is wrong, not what it leads to. */
  readonly isOfKey?: true;
}

/** A spec that is one mapping. */
export interface SpecText extends Pick<YamlText, "value" | "keys" | "has"> {
  /** The complaint with line and column; what is missing is shown at its parent. */
  readonly locate: (complaint: Complaint) => Finding;
}

export type ReadSpec =
  | { readonly kind: "read"; readonly spec: SpecText }
  | { readonly kind: "unreadable"; readonly findings: readonly Finding[] };

const findingAt = ({ rule, path, reason, repair }: Complaint, { line, column }: TextPosition): Finding => ({
  rule,
  severity: "error",
  ...{ file, line, column },
  pointer: pointerOf(path),
  reason,
  help: helpOf(rule),
  ...(repair === undefined ? {} : { repair }),
});

const rules: Readonly<Record<YamlFault["kind"], string>> = {
  syntax: "spec/syntax",
  "not-a-mapping": "spec/not-a-mapping",
  alias: "spec/alias",
  "key-twice": "spec/syntax",
  "key-refused": "spec/syntax",
  "too-deep": "spec/too-deep",
  "too-many-parts": "spec/too-large",
};

/** Ten times what a spec of 500 lines has, and more members than any kit asks for. */
const bounds = { partsMax: 20_000, membersMax: 1_000 } as const;

/** Reads YAML or JSON (which is YAML 1.2) as data only. */
export const readSpec = (text: string): ReadSpec => {
  const read = readYaml(text, bounds);
  if (read.kind === "unreadable") {
    const findings = read.faults.map((fault) =>
      findingAt({ rule: rules[fault.kind], path: fault.path.map(String), reason: fault.reason }, fault),
    );
    return { kind: "unreadable", findings };
  }
  const { yaml } = read;
  const locate = (complaint: Complaint): Finding => {
    const { path, isOfKey } = complaint;
    return findingAt(complaint, isOfKey === true ? yaml.keyPositionOf(path) : yaml.positionOf(path));
  };
  return { kind: "read", spec: { value: yaml.value, keys: yaml.keys, has: yaml.has, locate } };
};

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
  const document: Document = parseDocument(text, yamlOptions);
  for (const operation of repair) repairAt(document, operation);
  return document.toString();
};
