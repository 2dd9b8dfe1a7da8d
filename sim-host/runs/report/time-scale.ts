/** Where moments of a run stand in its picture. */
export interface TimeScale {
  x(seconds: number): number;
  readonly left: number;
  readonly right: number;
  readonly ticks: readonly { readonly x: number; readonly label: string }[];
}

const stepsSeconds = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600] as const;

/** As in `90 s`, `2 min`, `1 h 30 min`. */
export const momentText = (seconds: number): string => {
  const minutes = seconds / 60;
  if (seconds < 120 || !Number.isInteger(minutes)) return `${Math.round(seconds * 10) / 10} s`;
  if (minutes < 120) return `${minutes} min`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest === 0 ? "" : ` ${rest} min`}`;
};

export const timeScale = (durationSeconds: number, left: number, right: number, ticksMax = 10): TimeScale => {
  const length = Math.max(1, durationSeconds);
  const step = stepsSeconds.find((candidate) => length / candidate <= ticksMax) ?? length;
  const x = (seconds: number): number =>
    Math.round((left + (Math.min(length, Math.max(0, seconds)) / length) * (right - left)) * 10) / 10;
  const ticks = Array.from({ length: Math.floor(length / step + 1e-9) + 1 }, (_, index) => ({
    x: x(index * step),
    label: momentText(index * step),
  }));
  return { x, left, right, ticks };
};
