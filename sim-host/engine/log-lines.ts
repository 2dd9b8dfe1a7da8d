import type { Piece } from "./frames.ts";
import { frameReader } from "./frames.ts";

const lineCharactersMax = 8192;
/** A frame of a log begins with when it was written and a space: `2026-12-01T09:31:28.474276956Z `. */
const frameBytesMax = lineCharactersMax + 31;
const newline = 0x0a;

export interface LogLine {
  readonly stream: "stdout" | "stderr";
  /** RFC 3339 with nanoseconds, in UTC: when the line began. */
  readonly at: string;
  /** Without its end; what is past 8,192 characters is left out. Whatever the program printed, control characters too. */
  readonly line: string;
}

/** What came of one output since its last line. */
interface Pending {
  frame: readonly Uint8Array[];
  frameBytes: number;
  /** Of the line under way: its first frame's time, and what it holds so far. */
  line: { readonly at: string; readonly text: string } | undefined;
}

const nothing = (): Pending => ({ frame: [], frameBytes: 0, line: undefined });

const keep = (pending: Pending, bytes: Uint8Array): void => {
  const kept = bytes.subarray(0, frameBytesMax - pending.frameBytes);
  if (kept.length === 0) return;
  pending.frame = [...pending.frame, kept];
  pending.frameBytes += kept.length;
};

const endFrame = (pending: Pending): void => {
  const text = Buffer.concat(pending.frame).toString("utf8");
  const space = text.indexOf(" ");
  const line = pending.line ?? { at: text.slice(0, space), text: "" };
  pending.line = { at: line.at, text: `${line.text}${text.slice(space + 1)}`.slice(0, lineCharactersMax) };
  pending.frame = [];
  pending.frameBytes = 0;
};

const lineOf = (stream: Piece["stream"], pending: Pending): readonly LogLine[] => {
  const { line } = pending;
  pending.line = undefined;
  return line === undefined ? [] : [{ stream, at: line.at, line: line.text.replace(/\r?\n$/, "") }];
};

/** Reads a log with timestamps. The engine cuts a line of more than 16 kB: only its last frame ends with the newline. */
export const logReader = () => {
  const readPieces = frameReader();
  const pendingOf: Readonly<Record<Piece["stream"], Pending>> = { stdout: nothing(), stderr: nothing() };
  return {
    read: (chunk: Uint8Array): readonly LogLine[] =>
      readPieces(chunk).flatMap(({ stream, bytes, isLast }) => {
        const pending = pendingOf[stream];
        keep(pending, bytes);
        if (!isLast) return [];
        endFrame(pending);
        return bytes.at(-1) === newline ? lineOf(stream, pending) : [];
      }),
    /** What a program printed last, without a newline. */
    end: (): readonly LogLine[] => (["stdout", "stderr"] as const).flatMap((one) => lineOf(one, pendingOf[one])),
  };
};
