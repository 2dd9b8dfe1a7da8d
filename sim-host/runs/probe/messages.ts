/** What a prober's child is asked. Written by our own host, so it is not checked again. */
export interface ProbeOrder {
  readonly id: number;
  readonly kind: "tcp" | "http";
  readonly addresses: readonly string[];
  readonly port: number;
  readonly timeoutMilliseconds: number;
  /** Of `http`. */
  readonly path?: string;
  readonly status?: number;
  /** What the request calls the target. */
  readonly host?: string;
}

export interface ProbeAnswer {
  readonly id: number;
  readonly isReached: boolean;
  readonly milliseconds: number;
  readonly detail: string;
}
