/** What a topology takes of the plan and the host. */
export interface Budget {
  readonly nodes: number;
  readonly links: number;
  readonly memoryMegabytes: number;
  readonly cpus: number;
  readonly addresses: number;
  /** How long it may run. */
  readonly minutes: number;
}
