import type { Impairment } from "./topology.ts";

const amount = (value: number): string => String(Math.round(value * 1e6) / 1e6);

const timeText = (milliseconds: number): string =>
  milliseconds >= 1_000 ? `${amount(milliseconds / 1_000)} s` : `${amount(milliseconds)} ms`;

const rateText = (bitsPerSecond: number): string => {
  const units = [
    ["Gbit/s", 1e9],
    ["Mbit/s", 1e6],
    ["kbit/s", 1e3],
  ] as const;
  const [unit, size] = units.find((each) => bitsPerSecond >= each[1]) ?? ["bit/s", 1];
  return `${amount(bitsPerSecond / size)} ${unit}`;
};

/** An impairment in few words, as in `10 ms ± 2 ms, 1 % lost`; empty when there is none. */
export const impairmentText = ({
  delayMilliseconds = 0,
  jitterMilliseconds = 0,
  lossPercent = 0,
  rateBitsPerSecond,
  corruptionPercent = 0,
}: Impairment): string => {
  const jitter = jitterMilliseconds === 0 ? "" : ` ± ${timeText(jitterMilliseconds)}`;
  return [
    ...(delayMilliseconds === 0 && jitter === "" ? [] : [`${timeText(delayMilliseconds)}${jitter}`]),
    ...(lossPercent === 0 ? [] : [`${amount(lossPercent)} % lost`]),
    ...(rateBitsPerSecond === undefined ? [] : [rateText(rateBitsPerSecond)]),
    ...(corruptionPercent === 0 ? [] : [`${amount(corruptionPercent)} % corrupted`]),
  ].join(", ");
};
