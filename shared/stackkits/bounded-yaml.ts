import { Composer, isAlias, isCollection, isMap, isPair, isNode, Lexer, Parser } from "yaml";
import type { Document, LineCounter, YAMLMap } from "yaml";

/** Why a text is not read further, and where. */
export interface YamlRefusal {
  readonly kind: "syntax" | "alias" | "too-large" | "too-deep";
  readonly offset: number;
  readonly reason: string;
}

export type BoundedYaml = { readonly document: Document } | { readonly refusals: readonly YamlRefusal[] };

const refusalsMax = 20;
/** More than any kit or spec has; findings and the search for places stay few. */
const membersMax = 1_000;

class TooManyTokens extends Error {}

/** The parser's own tokens, until there are too many: what comes after them costs nothing. */
function* tokensOf(text: string, lines: LineCounter, tokensMax: number) {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    count += 1;
    if (count > tokensMax) throw new TooManyTokens();
    yield* parser.next(lexeme);
  }
  yield* parser.end();
}

const offsetOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0);

const refuseKeys = ({ items, range }: YAMLMap): YamlRefusal | undefined => {
  if (items.length > membersMax) {
    const reason = `A mapping has at most ${membersMax} members.`;
    return { kind: "too-large", offset: range?.[0] ?? 0, reason };
  }
  const seen = new Set<string>();
  for (const { key } of items) {
    const name = String(key);
    if (seen.has(name)) return { kind: "syntax", offset: offsetOf(key), reason: "Map keys must be unique." };
    seen.add(name);
  }
  return undefined;
};

/** The first alias, doubled key or mapping of too many. The parser's own search for doubled keys takes quadratic time. */
const refuse = (node: unknown): YamlRefusal | undefined => {
  if (isAlias(node)) {
    return { kind: "alias", offset: offsetOf(node), reason: "Write values out: aliases are refused." };
  }
  if (isPair(node)) return refuse(node.key) ?? refuse(node.value);
  if (!isCollection(node)) return undefined;
  const refusal = isMap(node) ? refuseKeys(node) : undefined;
  if (refusal !== undefined) return refusal;
  for (const item of node.items) {
    const inner = refuse(item);
    if (inner !== undefined) return inner;
  }
  return undefined;
};

const tooDeep: YamlRefusal = { kind: "too-deep", offset: 0, reason: "It is nested too deeply." };

const refusalsOf = (document: Document, next: Document | undefined): readonly YamlRefusal[] => {
  // The parser reports the end of its stack as an error of the text.
  if (document.errors.some(({ message }) => message.startsWith("Maximum call stack"))) return [tooDeep];
  if (document.errors.length > 0) {
    return document.errors
      .slice(0, refusalsMax)
      .map(({ pos, message }) => ({ kind: "syntax", offset: pos[0], reason: message.slice(0, 300) }));
  }
  if (next !== undefined)
    return [{ kind: "syntax", offset: next.range?.[0] ?? 0, reason: "One document is expected." }];
  const refusal = refuse(document.contents);
  return refusal === undefined ? [] : [refusal];
};

/**
 * Reads one document of YAML (or JSON) as data only, in bounded time: what is long, deep, doubled or an alias is refused
 * with its place. Lines are counted into `lines`.
 */
export const readBoundedYaml = (text: string, lines: LineCounter, tokensMax: number): BoundedYaml => {
  const documents: Document[] = [];
  try {
    const composer = new Composer({ uniqueKeys: false, prettyErrors: false, schema: "core" });
    for (const document of composer.compose(tokensOf(text, lines, tokensMax), true, text.length)) {
      documents.push(document);
      if (documents.length > 1) break;
    }
    const [document, next] = documents;
    if (document === undefined) return { refusals: [{ kind: "syntax", offset: 0, reason: "There is no document." }] };
    const refusals = refusalsOf(document, next);
    return refusals.length === 0 ? { document } : { refusals };
  } catch (error) {
    if (error instanceof RangeError) return { refusals: [tooDeep] };
    if (!(error instanceof TooManyTokens)) throw error;
    const reason = `The text has more than ${tokensMax} words and signs.`;
    return { refusals: [{ kind: "too-large", offset: 0, reason }] };
  }
};
