import type { FaultReport } from "../run.ts";
import type { TimeScale } from "./time-scale.ts";

/** A fault in the picture: a bar while it lasts, a mark when it has no length. */
export interface FaultMark {
  readonly fault: FaultReport;
  /** Without the name of what it happens to, which stands at the row. */
  readonly label: string;
  readonly isPoint: boolean;
  readonly from: number;
  readonly to: number;
  /** The label as far as there is room for it, after the mark's beginning, or before it where the picture ends. */
  readonly words: { readonly text: string; readonly x: number; readonly isBefore: boolean };
}

/** Marks of one link or node that do not touch each other. */
export interface FaultRow {
  readonly subject: string;
  readonly isFirstOfSubject: boolean;
  readonly marks: readonly FaultMark[];
}

const characterWidth = 6.4;
const gap = 6;
/** What the picture has right of its axis. */
const margin = 24;

const labelOf = ({ what, subject }: FaultReport): string => what.slice(subject.length + 2);

/** What goes on until something else ends it, or the run does. */
const lasts = (label: string): boolean => !["up", "resume", "kill", "stop", "start", "restart"].includes(label);

const cut = (text: string, width: number): string => {
  const most = Math.max(1, Math.floor(width / characterWidth));
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
};

const wordsOf = (label: string, from: number, { left, right }: TimeScale, isPoint: boolean): FaultMark["words"] => {
  const space = isPoint ? 11 : 7;
  const after = right + margin - from - space;
  const before = from - left - space;
  const isBefore = label.length * characterWidth > after && before > after;
  return { text: cut(label, isBefore ? before : after), x: isBefore ? from - space : from + space, isBefore };
};

const markOf = (fault: FaultReport, scale: TimeScale): FaultMark => {
  const label = labelOf(fault);
  const from = scale.x(fault.happenedAtSeconds ?? fault.plannedAtSeconds);
  const isPoint = fault.untilSeconds === undefined && !lasts(label);
  const to = isPoint ? from : scale.x(fault.untilSeconds ?? Infinity);
  return { fault, label, isPoint, from, to, words: wordsOf(label, from, scale, isPoint) };
};

const lengthOf = ({ text }: FaultMark["words"]): number => text.length * characterWidth;

/** Where a mark begins and ends for the eye: its words may be longer than itself. */
const startOf = ({ from, words }: FaultMark): number => (words.isBefore ? words.x - lengthOf(words) : from);
const endOf = ({ to, words }: FaultMark): number => (words.isBefore ? to : Math.max(to, words.x + lengthOf(words)));

/** All faults of a run in as few rows as they fit into, subject by subject. */
export const faultRows = (faults: readonly FaultReport[], scale: TimeScale): readonly FaultRow[] => {
  const begins = faults.filter(({ isUndoing }) => !isUndoing);
  const subjects = [...new Set(begins.map(({ subject }) => subject))];
  return subjects.flatMap((subject) => {
    const rows: FaultMark[][] = [];
    for (const mark of begins.filter((fault) => fault.subject === subject).map((fault) => markOf(fault, scale))) {
      const row = rows.find((marks) => marks.every((other) => endOf(other) + gap <= startOf(mark)));
      if (row === undefined) rows.push([mark]);
      else row.push(mark);
    }
    return rows.map((marks, index) => ({ subject, isFirstOfSubject: index === 0, marks }));
  });
};
