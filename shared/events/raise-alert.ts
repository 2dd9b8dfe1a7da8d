/** Something operators must look at that is no incident of an instance. */
export interface PlatformAlert {
  /** The same for the same occasion: a repetition is not told again. */
  readonly id: string;
  /** kebab-case or dotted, for example `event.failed`. */
  readonly type: string;
  /** Facts for operators; never secrets or mail addresses. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Writes the alert to the outbox of the operators' webhook and to the log. Safe to repeat. */
export type RaiseAlert = (alert: PlatformAlert) => Promise<void>;
