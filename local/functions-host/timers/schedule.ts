import { parseTimeSpan } from "../settings/time-span.ts";

/** When a timer runs. Times are UTC. */
export interface Schedule {
  /** The first occurrence after `time`. @throws when there is none within some years */
  readonly nextAfter: (time: Date) => Date;
  /** True for a schedule with occurrences less than a minute apart: it is not monitored unless asked to. */
  readonly isFasterThanOneMinute: boolean;
}

interface FieldSpec {
  readonly name: string;
  readonly lowest: number;
  readonly highest: number;
  readonly names: readonly string[];
}

const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const fieldSpecs: readonly FieldSpec[] = [
  { name: "second", lowest: 0, highest: 59, names: [] },
  { name: "minute", lowest: 0, highest: 59, names: [] },
  { name: "hour", lowest: 0, highest: 23, names: [] },
  { name: "day", lowest: 1, highest: 31, names: [] },
  { name: "month", lowest: 1, highest: 12, names: months },
  { name: "day of week", lowest: 0, highest: 6, names: weekdays },
];

const searchLimitYears = 30;

const parseNumber = (spec: FieldSpec, text: string): number => {
  const named = spec.names.findIndex((name) => text.toUpperCase().startsWith(name));
  const value = named === -1 ? Number(text) : named + spec.lowest;
  const isNumber = named !== -1 || /^\d+$/.test(text);
  if (!isNumber || value < spec.lowest || value > spec.highest) {
    throw new Error(`"${text}" is no ${spec.name} between ${spec.lowest} and ${spec.highest}.`);
  }
  return value;
};

const parseRange = (spec: FieldSpec, text: string, hasStep: boolean): readonly [number, number] => {
  if (text === "*") return [spec.lowest, spec.highest];
  const [from = "", to, ...more] = text.split("-");
  if (more.length > 0) throw new Error(`"${text}" is no range of ${spec.name}s.`);
  const first = parseNumber(spec, from);
  if (to === undefined) return [first, hasStep ? spec.highest : first];
  const last = parseNumber(spec, to);
  // NCrontab takes a backward range as the same range forward.
  return first <= last ? [first, last] : [last, first];
};

const parseField = (spec: FieldSpec, text: string): ReadonlySet<number> => {
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const [range = "", stepText, ...more] = part.split("/");
    const step = stepText === undefined ? 1 : Number(stepText);
    if (more.length > 0 || !Number.isInteger(step) || step < 1) throw new Error(`"${part}" is no ${spec.name}.`);
    const [first, last] = parseRange(spec, range, stepText !== undefined);
    for (let value = first; value <= last; value += step) values.add(value);
  }
  return values;
};

const cronSchedule = (expression: string): Schedule => {
  const given = expression.trim().split(/\s+/);
  const texts = given.length === 5 ? ["0", ...given] : given;
  if (texts.length !== fieldSpecs.length) throw new Error(`"${expression}" has ${given.length} fields, not 5 or 6.`);
  const fields = fieldSpecs.map((spec, index) => parseField(spec, texts[index] ?? ""));
  const has = (field: number, value: number): boolean => fields[field]?.has(value) ?? false;

  /** The next moment that may match: whole months, days, hours and minutes that cannot are passed over. */
  const advance = (time: Date): Date | undefined => {
    const [year, month, day] = [time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate()];
    const [hour, minute, second] = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()];
    if (!has(4, month + 1)) return new Date(Date.UTC(year, month + 1, 1));
    // Unlike Unix cron, both the day and the day of the week must match.
    if (!has(3, day) || !has(5, time.getUTCDay())) return new Date(Date.UTC(year, month, day + 1));
    if (!has(2, hour)) return new Date(Date.UTC(year, month, day, hour + 1));
    if (!has(1, minute)) return new Date(Date.UTC(year, month, day, hour, minute + 1));
    if (!has(0, second)) return new Date(Date.UTC(year, month, day, hour, minute, second + 1));
    return undefined;
  };

  return {
    isFasterThanOneMinute: (fields[0]?.size ?? 0) > 1,
    nextAfter: (time) => {
      const limitYear = time.getUTCFullYear() + searchLimitYears;
      let candidate = new Date((Math.floor(time.getTime() / 1000) + 1) * 1000);
      for (let next = advance(candidate); next !== undefined; next = advance(candidate)) {
        if (next.getUTCFullYear() > limitYear) throw new Error(`The schedule "${expression}" never occurs.`);
        candidate = next;
      }
      return candidate;
    },
  };
};

const intervalSchedule = (milliseconds: number): Schedule => ({
  isFasterThanOneMinute: milliseconds < 60_000,
  nextAfter: (time) => new Date(time.getTime() + milliseconds),
});

/**
 * Reads a timer's schedule: NCRONTAB with six fields (second first) or five, or an interval `hh:mm:ss`.
 * @throws when it is neither, or never occurs
 */
export const parseSchedule = (expression: string): Schedule => {
  const interval = parseTimeSpan(expression);
  if (interval === 0) throw new Error("A timer's interval must be more than nothing.");
  return interval === undefined ? cronSchedule(expression) : intervalSchedule(interval);
};
