/** The present, as an argument, so that rules about time can be tested without waiting. */
export type Clock = () => Date;

/** ISO 8601 in UTC with milliseconds: the only form in which an instant is stored. */
export const isoAfter = (now: Date, milliseconds: number): string =>
  new Date(now.getTime() + milliseconds).toISOString();
