/**
 * Milliseconds of a .NET TimeSpan as host.json writes it: `[d.]hh:mm:ss[.fraction]`. Unlike a time of day, hours may
 * not exceed 23; days go in front. @returns undefined when it is not one
 */
export const parseTimeSpan = (text: string): number | undefined => {
  const match = /^(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/.exec(text.trim());
  if (match === null) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1, 5).map((part?: string) => Number(part ?? 0));
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const fraction = Number(`0.${match[5] ?? "0"}`);
  return Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds + fraction) * 1000);
};
