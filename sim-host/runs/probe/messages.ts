/** What a prober's child is asked. Written by our own host, so it is not checked again. */
export interface ProbeOrder {
  readonly id: number;
  readonly kind: "tcp" | "http";
  readonly addresses: readonly string[];
  readonly port: number;
  /** When it was given, and when it shall be over: by the clock below, which is the same for all processes of a machine. */
  readonly givenAtMilliseconds: number;
  readonly untilMilliseconds: number;
  /** Of `http`. */
  readonly path?: string;
  readonly status?: number;
  /** What the request calls the target. */
  readonly host?: string;
}

export interface ProbeAnswer {
  readonly id: number;
  /** It came too late to be begun: the rest says nothing. */
  readonly isLate: boolean;
  readonly waitedMilliseconds: number;
  readonly isReached: boolean;
  readonly milliseconds: number;
  readonly detail: string;
}

/** Counts from the start of the machine. */
export const machineMilliseconds = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;
