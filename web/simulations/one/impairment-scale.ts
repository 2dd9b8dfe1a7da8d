import type { Impairment } from "../api/simulation-shapes.ts";

/** One thing that a link can do to what passes, as people set it. */
export interface Knob {
  readonly member: keyof Impairment;
  readonly label: string;
  readonly unit: string;
  /** What a number in the field is multiplied by. */
  readonly factor: number;
  /** The smallest and the largest number that the field takes; 0 is none of it in any case. */
  readonly min: number;
  readonly max: number;
  /** The value at a place of the slider, from 0 to 100; undefined: none of it. */
  readonly valueAt: (place: number) => number | undefined;
  readonly placeOf: (value: number | undefined) => number;
}

/** Finer at its beginning: small delays and losses are what people try. */
const squared = (top: number, round: (value: number) => number) => ({
  valueAt: (place: number) => (place === 0 ? undefined : round(top * (place / 100) ** 2)),
  placeOf: (value = 0) => Math.round(100 * Math.sqrt(Math.min(value, top) / top)),
});

const rateMin = 8_000;
const rateTop = 1e9;

const twoDigits = (value: number): number => Number(value.toPrecision(2));

/** From slow to fast by equal factors; the end of the slider is no limit at all. */
const logarithmic = {
  valueAt: (place: number) => (place === 100 ? undefined : twoDigits(rateMin * (rateTop / rateMin) ** (place / 99))),
  placeOf: (value?: number) => {
    if (value === undefined) return 100;
    const share = Math.log(value / rateMin) / Math.log(rateTop / rateMin);
    return Math.min(99, Math.max(0, Math.round(share * 99)));
  },
};

const toTenth = (value: number): number => Math.max(0.1, Math.round(value * 10) / 10);
const toWhole = (value: number): number => Math.max(1, Math.round(value));

export const knobs: readonly Knob[] = [
  {
    member: "delayMilliseconds",
    label: "Delay",
    unit: "ms",
    factor: 1,
    min: 0,
    max: 60_000,
    ...squared(2_000, toWhole),
  },
  {
    member: "jitterMilliseconds",
    label: "Jitter",
    unit: "ms",
    factor: 1,
    min: 0,
    max: 60_000,
    ...squared(500, toWhole),
  },
  { member: "lossPercent", label: "Loss", unit: "%", factor: 1, min: 0, max: 100, ...squared(100, toTenth) },
  {
    member: "rateBitsPerSecond",
    label: "Rate",
    unit: "kbit/s",
    factor: 1_000,
    min: 8,
    max: 10_000_000,
    ...logarithmic,
  },
  {
    member: "corruptionPercent",
    label: "Corruption",
    unit: "%",
    factor: 1,
    min: 0,
    max: 100,
    ...squared(100, toTenth),
  },
];

/** What is typed into a knob's field: a value, or why it is none. `isNumber` is false for what no number begins with. */
export const readAmount = (
  { label, unit, factor, min, max }: Knob,
  typed: string,
  isNumber = true,
): { readonly value: number | undefined } | { readonly problem: string } => {
  const given = Number(typed);
  if (isNumber && given === 0) return { value: undefined };
  if (isNumber && given >= min && given <= max) return { value: given * factor };
  const bounds = `${min} to ${max.toLocaleString("en")} ${unit}`;
  return { problem: `${label} goes from ${bounds}. What is in force stays.` };
};

/** No frame is early: jitter is at most the delay. Whichever of the two was moved takes the other along. */
export const settled = (impairment: Impairment, moved: Knob["member"]): Impairment => {
  const { delayMilliseconds = 0, jitterMilliseconds = 0 } = impairment;
  if (jitterMilliseconds <= delayMilliseconds) return impairment;
  if (moved === "jitterMilliseconds") return { ...impairment, delayMilliseconds: jitterMilliseconds };
  const { jitterMilliseconds: _, ...rest } = impairment;
  return delayMilliseconds === 0 ? rest : { ...rest, jitterMilliseconds: delayMilliseconds };
};

/** Lines that people know, to begin with. */
export const presets: readonly (readonly [name: string, impairment: Impairment])[] = [
  ["Perfect", {}],
  ["Wi-Fi", { delayMilliseconds: 4, jitterMilliseconds: 3, lossPercent: 0.5, rateBitsPerSecond: 50_000_000 }],
  ["Mobile", { delayMilliseconds: 45, jitterMilliseconds: 20, lossPercent: 1.5, rateBitsPerSecond: 8_000_000 }],
  ["Satellite", { delayMilliseconds: 300, jitterMilliseconds: 15, lossPercent: 0.5, rateBitsPerSecond: 20_000_000 }],
  ["Modem", { delayMilliseconds: 120, jitterMilliseconds: 10, lossPercent: 0.5, rateBitsPerSecond: 56_000 }],
];
