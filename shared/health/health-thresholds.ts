/** Every number of the health rules. Milliseconds unless the name says otherwise. */
export const healthThresholds = {
  /** Bad samples of one source (probe or report) in a row until the instance is failing. */
  failuresToFail: 3,
  /** Good samples in a row until it has recovered. */
  successesToRecover: 2,
  staleMilliseconds: 30_000,
  offlineMilliseconds: 60_000,
  /** A watcher that has not looked for so long was down itself: silence counts from its return. */
  absenceMilliseconds: 30_000,
  /** A second round that looks sooner than this after the first adds nothing: rounds that overlap count once. */
  probeSpacingMilliseconds: 5_000,
  /** An answer slower than this makes an instance degraded. */
  slowMilliseconds: 1_500,
  /** A report's own clock may be behind by this much and still say what is true now; later ones are only kept as news. */
  lateMilliseconds: 30_000,
  /** A report's clock may be ahead by this much; beyond it is refused, for it would silence all that follow. */
  aheadMilliseconds: 30_000,
  /** A report (or its signature) older than this is refused. */
  reportAgeMaxMilliseconds: 300_000,
  /** This many changes between good and bad samples within the window are flapping. */
  flipsToFlap: 6,
  flapWindowMilliseconds: 600_000,
  flipsKept: 12,
} as const;
export type HealthThresholds = { readonly [K in keyof typeof healthThresholds]: number };
