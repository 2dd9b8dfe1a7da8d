const minuteSeconds = 60;
const hourSeconds = 60 * minuteSeconds;
const daySeconds = 24 * hourSeconds;

/** A length of time in one unit: `12 s`, `3 min`, `2 h`, `4 d`. */
export const lengthText = (seconds: number): string => {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 2 * minuteSeconds) return `${whole} s`;
  if (whole < 2 * hourSeconds) return `${Math.floor(whole / minuteSeconds)} min`;
  if (whole < 2 * daySeconds) return `${Math.floor(whole / hourSeconds)} h`;
  return `${Math.floor(whole / daySeconds)} d`;
};

/** How far an instant is from now: `12 s ago`, `in 3 min`. The page's script writes the same words again every second. */
export const relativeTime = (iso: string, nowMilliseconds: number): string => {
  const seconds = (nowMilliseconds - Date.parse(iso)) / 1000;
  return seconds < -1 ? `in ${lengthText(-seconds)}` : `${lengthText(seconds)} ago`;
};
