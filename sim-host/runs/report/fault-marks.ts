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
}

/** Marks of one link or node that do not touch each other. */
export interface FaultRow {
  readonly subject: string;
  readonly isFirstOfSubject: boolean;
  readonly marks: readonly FaultMark[];
}

const characterWidth = 6.4;
const padding = 14;
const gap = 6;

const labelOf = ({ what, subject }: FaultReport): string => what.slice(subject.length + 2);

/** What goes on until something else ends it, or the run does. */
const lasts = (label: string): boolean => !["up", "resume", "kill", "stop", "start", "restart"].includes(label);

const markOf = (fault: FaultReport, scale: TimeScale): FaultMark => {
  const label = labelOf(fault);
  const from = scale.x(fault.happenedAtSeconds ?? fault.plannedAtSeconds);
  const isPoint = fault.untilSeconds === undefined && !lasts(label);
  return { fault, label, isPoint, from, to: isPoint ? from : scale.x(fault.untilSeconds ?? Infinity) };
};

/** Where a mark ends for the eye: its words may be longer than itself. */
const endOf = ({ from, to, label }: FaultMark): number => Math.max(to, from + label.length * characterWidth + padding);

/** All faults of a run in as few rows as they fit into, subject by subject. */
export const faultRows = (faults: readonly FaultReport[], scale: TimeScale): readonly FaultRow[] => {
  const begins = faults.filter(({ isUndoing }) => !isUndoing);
  const subjects = [...new Set(begins.map(({ subject }) => subject))];
  return subjects.flatMap((subject) => {
    const rows: FaultMark[][] = [];
    for (const mark of begins.filter((fault) => fault.subject === subject).map((fault) => markOf(fault, scale))) {
      const row = rows.find((marks) => marks.every((other) => endOf(other) + gap <= mark.from));
      if (row === undefined) rows.push([mark]);
      else row.push(mark);
    }
    return rows.map((marks, index) => ({ subject, isFirstOfSubject: index === 0, marks }));
  });
};
