import { Lexer } from "yaml";

/** Why a text is not parsed at all. */
export interface ScanFault {
  readonly kind: "syntax" | "too-deep" | "too-many-parts";
  readonly offset: number;
  readonly reason: string;
}

/** Of mappings and lists within each other. */
export const depthMax = 100;

// What the lexer says beside the text itself: a document begins, a list broke off, a plain or a block scalar follows.
// Such a scalar is never taken for a bracket or a quoted one: it cannot begin like them.
const signals = new Set(["\u0002", "\u0018", "\u001f"]);
const escapes = /\\(?:[0abefnrtvNLP_ "/\\\t\r\n]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})/g;

const wrongEscape = (scalar: string): number =>
  scalar.startsWith('"') ? scalar.replace(escapes, (found) => "_".repeat(found.length)).indexOf("\\") : -1;

const depthChange = (token: string): number => {
  if (token === "[" || token === "{") return 1;
  return token === "]" || token === "}" ? -1 : 0;
};

/**
 * Looks through the words of a text before it is parsed. The parser makes an error object of every wrong sign and a tree
 * of everything else: half a megabyte of brackets would hold the process for seconds. Stops at the first fault.
 */
export const scanYaml = (text: string, partsMax: number): ScanFault | undefined => {
  let offset = 0;
  let parts = 0;
  let depth = 0;
  for (const token of new Lexer().lex(text)) {
    if (signals.has(token)) continue;
    parts += 1;
    if (parts > partsMax) return { kind: "too-many-parts", offset, reason: `It has more than ${partsMax} words.` };
    const wrong = wrongEscape(token);
    if (wrong >= 0) {
      return {
        kind: "syntax",
        offset: offset + wrong,
        reason: 'There is no such escape sequence: write \\\\ for "\\".',
      };
    }
    depth += depthChange(token);
    if (depth > depthMax) return { kind: "too-deep", offset, reason: "It is nested too deeply." };
    if (depth < 0) return { kind: "syntax", offset, reason: `There is a ${token} that nothing opens.` };
    offset += token.length;
  }
  return undefined;
};
