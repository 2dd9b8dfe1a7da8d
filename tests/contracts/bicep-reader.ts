import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Node } from "web-tree-sitter";

export const bicepDirectory = "infra/bicep";

/** Every Bicep file, as a path from the root of the repository. */
export const bicepFiles = readdirSync(bicepDirectory, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".bicep"))
  .map((path) => join(bicepDirectory, path))
  .sort();

/** A literal as JSON would have it; anything that Azure computes stays as its source text in `expression`. */
export type BicepValue = string | number | boolean | null | BicepObject | readonly BicepValue[] | Expression;
export interface BicepObject {
  readonly members: Readonly<Record<string, BicepValue>>;
}
export interface Expression {
  readonly expression: string;
}

export interface BicepParameter {
  readonly name: string;
  readonly type: string;
  readonly isSecure: boolean;
  readonly isRequired: boolean;
  /** Empty when every value of the type is taken. */
  readonly allowed: readonly BicepValue[];
}

export interface BicepResource {
  readonly symbol: string;
  readonly type: string;
  readonly apiVersion: string;
  readonly isExisting: boolean;
  readonly body: Readonly<Record<string, BicepValue>>;
}

export interface BicepModule {
  readonly symbol: string;
  /** From the root of the repository. */
  readonly path: string;
  /** The resource group's symbol; undefined: the one of the file itself. */
  readonly scope: string | undefined;
  readonly params: readonly string[];
}

export interface BicepFile {
  readonly path: string;
  /** Nodes that are not Bicep, with their line. */
  readonly faults: readonly string[];
  readonly targetScope: string;
  readonly metadata: Readonly<Record<string, BicepValue>>;
  readonly parameters: readonly BicepParameter[];
  readonly variables: Readonly<Record<string, BicepValue>>;
  readonly outputs: readonly { readonly name: string; readonly type: string; readonly value: BicepValue }[];
  readonly modules: readonly BicepModule[];
  readonly resources: readonly BicepResource[];
  /** Files read at compile time, from the root of the repository. */
  readonly loadedFiles: readonly string[];
  /** Every name the file uses as a value: `a` of `a.b`. */
  readonly usedNames: readonly string[];
  /** Names of loops and lambdas. */
  readonly localNames: readonly string[];
}

const children = (node: Node): Node[] => node.namedChildren.filter(({ type }) => !type.endsWith("comment"));

const plainString = (node: Node): string | undefined => {
  const isPlain = node.type === "string" && children(node).every(({ type }) => type !== "interpolation");
  return isPlain ? node.text.slice(1, -1).replaceAll("\\'", "'") : undefined;
};

const membersOf = (object: Node): Record<string, BicepValue> => {
  const properties = children(object).filter(({ type }) => type === "object_property");
  const pairs = properties.flatMap((property): [string, BicepValue][] => {
    const [key, value] = children(property);
    if (key === undefined || value === undefined) return [];
    return [[plainString(key) ?? key.text, valueOf(value)]];
  });
  return Object.fromEntries(pairs);
};

const valueOf = (node: Node): BicepValue => {
  switch (node.type) {
    case "string":
      return plainString(node) ?? { expression: node.text };
    case "number":
      return Number(node.text);
    case "boolean":
      return node.text === "true";
    case "null":
      return null;
    case "object":
      return { members: membersOf(node) };
    case "array":
      return children(node).map(valueOf);
    default:
      return { expression: node.text };
  }
};

/** The object behind `= {`, `= if (...) {` or `= [for x in y: {`. */
const bodyOf = (declaration: Node): Readonly<Record<string, BicepValue>> => {
  const last = children(declaration).at(-1);
  const object = last?.type === "object" ? last : last?.descendantsOfType("object").find(isBody(last));
  return object === undefined ? {} : membersOf(object);
};

const isBody =
  (statement: Node) =>
  (object: Node): boolean => {
    const holder = object.parent;
    const isOfLoop = holder?.type === "for_statement" && children(holder).at(-1)?.id === object.id;
    return holder !== null && (isOfLoop || holder.type === "if_statement") && object.startIndex > statement.startIndex;
  };

const decoratorsOf = (node: Node | undefined): Map<string, readonly BicepValue[]> =>
  new Map(
    (node?.type === "decorators" ? children(node) : []).map((decorator) => {
      const call = children(decorator)[0];
      const args = call?.childForFieldName("arguments");
      return [
        call?.childForFieldName("function")?.text ?? "",
        args === null || args === undefined ? [] : children(args).map(valueOf),
      ];
    }),
  );

const readParameter = (node: Node, before: Node | undefined): BicepParameter => {
  const [name, type, value] = children(node);
  const decorators = decoratorsOf(before);
  const [allowed] = decorators.get("allowed") ?? [];
  return {
    name: name?.text ?? "",
    type: type?.text ?? "",
    isSecure: decorators.has("secure"),
    isRequired: value === undefined,
    allowed: Array.isArray(allowed) ? allowed : [],
  };
};

/** The enclosing resource's type, for one declared inside another: its own string is a part of a type only. */
const outerType = (node: Node): string => {
  for (let holder = node.parent; holder !== null; holder = holder.parent) {
    if (holder.type === "resource_declaration") return children(holder)[1]?.text.slice(1, -1) ?? "";
  }
  return "";
};

const readResource = (node: Node): BicepResource => {
  const [symbol, type] = children(node);
  const [own = "", ownVersion] = (type?.text.slice(1, -1) ?? "").split("@");
  const [outer = "", outerVersion = ""] = outerType(node).split("@");
  return {
    symbol: symbol?.text ?? "",
    type: outer === "" ? own : `${outer}/${own}`,
    apiVersion: ownVersion ?? outerVersion,
    isExisting: /^resource\s+\w+\s+'[^']*'\s+existing\b/.test(node.text),
    body: bodyOf(node),
  };
};

const isObject = (value: BicepValue | undefined): value is BicepObject =>
  typeof value === "object" && value !== null && "members" in value;

/** @throws Error when the member is not an object written out */
export const objectAt = (members: Readonly<Record<string, BicepValue>>, name: string): BicepObject["members"] => {
  const value = members[name];
  if (!isObject(value)) throw new Error(`${name} is not an object.`);
  return value.members;
};

const isExpression = (value: BicepValue | undefined): value is Expression =>
  typeof value === "object" && value !== null && "expression" in value;

export const expressionOf = (value: BicepValue | undefined): string | undefined =>
  isExpression(value) ? value.expression : undefined;

const readModule = (node: Node, directory: string): BicepModule => {
  const [symbol, path] = children(node);
  const body = bodyOf(node);
  return {
    symbol: symbol?.text ?? "",
    path: join(directory, path?.text.slice(1, -1) ?? ""),
    scope: expressionOf(body["scope"]),
    params: isObject(body["params"]) ? Object.keys(body["params"].members) : [],
  };
};

const faultsOf = (root: Node): string[] => {
  const faults: string[] = [];
  const visit = (node: Node): void => {
    if (node.isError || node.isMissing) {
      faults.push(`line ${node.startPosition.row + 1}: ${node.isMissing ? "missing " : ""}${node.text.slice(0, 60)}`);
    }
    for (const child of node.children) visit(child);
  };
  if (root.hasError) visit(root);
  return faults;
};

const loads = ["loadTextContent", "loadFileAsBase64", "loadJsonContent", "loadYamlContent"];

const loadedBy = (root: Node, directory: string): string[] =>
  root.descendantsOfType("call_expression").flatMap((call) => {
    if (!loads.includes(call.childForFieldName("function")?.text ?? "")) return [];
    const path = call.childForFieldName("arguments")?.namedChild(0);
    return path === null || path === undefined ? [] : [join(directory, plainString(path) ?? "")];
  });

/** Names in places where a value stands: not keys, not what is being declared. */
const usedBy = (root: Node): string[] =>
  root
    .descendantsOfType("identifier")
    .filter(({ id, parent }) => {
      const isDeclared = parent?.type.endsWith("_declaration") === true && children(parent)[0]?.id === id;
      const isKey = parent?.type === "object_property" && children(parent)[0]?.id === id;
      return !isDeclared && !isKey;
    })
    .map(({ text }) => text);

const localsOf = (root: Node): string[] => [
  ...root.descendantsOfType("lambda_expression").flatMap((lambda) => /^\w+/.exec(lambda.text)?.[0] ?? []),
  ...root.descendantsOfType("for_statement").flatMap((loop) => loop.childForFieldName("initializer")?.text ?? []),
  ...root.descendantsOfType(["loop_variable", "loop_enumerator"]).map(({ text }) => text),
];

const readTree = (root: Node, path: string): BicepFile => {
  const statements = children(root);
  const directory = dirname(path);
  const ofType = (type: string): Node[] => statements.filter((node) => node.type === type);
  const named = (type: string): Record<string, BicepValue> =>
    Object.fromEntries(
      ofType(type).flatMap((node): [string, BicepValue][] => {
        const [name, value] = children(node);
        return name === undefined || value === undefined ? [] : [[name.text, valueOf(value)]];
      }),
    );
  return {
    path,
    faults: faultsOf(root),
    targetScope: ofType("target_scope_assignment")[0]?.namedChild(0)?.text.slice(1, -1) ?? "resourceGroup",
    metadata: named("metadata_declaration"),
    parameters: statements.flatMap((node, index) =>
      node.type === "parameter_declaration" ? [readParameter(node, statements[index - 1])] : [],
    ),
    variables: named("variable_declaration"),
    outputs: ofType("output_declaration").flatMap((node) => {
      const [name, type, value] = children(node);
      return value === undefined ? [] : [{ name: name?.text ?? "", type: type?.text ?? "", value: valueOf(value) }];
    }),
    modules: ofType("module_declaration").map((node) => readModule(node, directory)),
    resources: root.descendantsOfType("resource_declaration").map(readResource),
    loadedFiles: loadedBy(root, directory),
    usedNames: usedBy(root),
    localNames: localsOf(root),
  };
};

/** Opens the grammar; the result reads Bicep text. `path` says where the text stands in the repository. */
export const openBicepReader = async (): Promise<(text: string, path: string) => BicepFile> => {
  const { Language, Parser } = await import("web-tree-sitter");
  await Parser.init();
  const parser = new Parser();
  const require = createRequire(import.meta.url);
  parser.setLanguage(await Language.load(require.resolve("tree-sitter-bicep/tree-sitter-bicep.wasm")));
  return (text, path) => {
    const tree = parser.parse(text);
    if (tree === null) throw new Error(`${path} could not be read.`);
    return readTree(tree.rootNode, path);
  };
};

/** All files of the repository by path. */
export const readBicepFiles = async (): Promise<ReadonlyMap<string, BicepFile>> => {
  const read = await openBicepReader();
  return new Map(bicepFiles.map((path) => [path, read(readFileSync(path, "utf8"), path)]));
};
