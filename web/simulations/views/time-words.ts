const plural = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? "" : "s"}`;

/** How long something takes or is left, for people: `45 seconds`, `12 minutes`, `2 hours 5 minutes`. Never below zero. */
export const lengthWords = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 90) return plural(whole, "second");
  const minutes = Math.round(whole / 60);
  if (minutes < 90) return plural(minutes, "minute");
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return rest === 0 ? plural(hours, "hour") : `${plural(hours, "hour")} ${plural(rest, "minute")}`;
};

/** Seconds from now until that moment (ISO 8601). */
export const secondsUntil = (moment: string, now: Date): number => (Date.parse(moment) - now.getTime()) / 1000;

/** As in `0:05` or `12:07`. */
export const clockText = (seconds: number): string => {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};

/** That moment as people say it today: its time, and its day when that was another one. */
export const momentWords = (moment: string, now: Date): string => {
  const at = new Date(moment);
  if (at.toDateString() === now.toDateString()) return timeOfDay(moment);
  const day = at.toLocaleDateString(undefined, { day: "numeric", month: "short" });
  return `${day}, ${timeOfDay(moment)}`;
};

/** The time of day of that moment, as the person's own clock shows it. */
export const timeOfDay = (moment: string): string =>
  new Date(moment).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
