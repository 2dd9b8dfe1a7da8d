import type { Rule } from "./rules.ts";

/** Of UTF-8. */
export const textBytesMax = 512_000;
const encoder = new TextEncoder();

interface TextProblem {
  readonly rule: Rule;
  readonly offset: number;
  readonly reason: string;
}

/** Why a text is refused before anything of it is understood: it is too long, or no text. */
export const textProblem = (text: string): TextProblem | undefined => {
  if (text.length > textBytesMax || encoder.encode(text).length > textBytesMax) {
    return {
      rule: "topology/too-large",
      offset: 0,
      reason: `At most ${textBytesMax / 1_000} kB are read. Shorten it.`,
    };
  }
  const wrong = (offset: number, reason: string): TextProblem => ({ rule: "topology/encoding", offset, reason });
  if (text.startsWith("\ufeff")) return wrong(0, "It begins with a byte order mark. Save it as UTF-8 without one.");
  const nul = text.indexOf("\0");
  if (nul >= 0) return wrong(nul, "There is a NUL character. Save it as UTF-8, and remove what is no text.");
  const broken = text.search(/\ufffd|\p{Cs}/u);
  return broken >= 0 ? wrong(broken, "There is a character that could not be read. Save it as UTF-8.") : undefined;
};
