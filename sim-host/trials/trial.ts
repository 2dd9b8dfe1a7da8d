import type { KitTrial } from "../../shared/stackkits/kit-trials.ts";
import type { TenantStanding } from "../simulations/ports.ts";

/** What the control plane is told; the assertions are those of the run that counted. */
export type TrialResult = Pick<KitTrial, "status" | "reason" | "endedAt" | "runId" | "assertions">;

/** One version of a kit that is run in a simulation of its own to see whether it works. */
export interface Trial {
  readonly tenantId: string;
  /** `trial-` and 20 characters of a-z and 2-7. */
  readonly id: string;
  /** Who asked for it, and in whose name it goes on. */
  readonly standing: TenantStanding;
  readonly kit: { readonly id: string; readonly name: string; readonly version: string; readonly sha256: string };
  /** What the engine really runs. */
  readonly images: readonly { readonly service: string; readonly imageId: string }[];
  /** The topology that is made of the kit. */
  readonly source: string;
  readonly startedAt: string;
  /** Absent until it was made. */
  readonly simulationId?: string;
  /** Runs that were begun: one that a restart of the host interrupted is begun again. */
  readonly runsBegun: number;
  readonly result?: TrialResult;
  /** `open` until the control plane has the result; `given-up`: somebody ended the simulation, or nobody took the result. */
  readonly status: "open" | "reported" | "given-up";
  readonly reportsFailed: number;
  /** When the next report is due, milliseconds since 1970. */
  readonly reportAt?: number;
}

/** What people see of it. */
export interface TrialView {
  readonly id: string;
  readonly kit: Pick<Trial["kit"], "id" | "name" | "version">;
  readonly simulationId: string | undefined;
  readonly runId: string | undefined;
  readonly status: "running" | "passed" | "failed" | "given-up";
  readonly reason: string | undefined;
}

export const trialView = ({ id, kit, simulationId, result, status }: Trial): TrialView => ({
  ...{ id, kit: { id: kit.id, name: kit.name, version: kit.version }, simulationId, runId: result?.runId },
  status: result?.status ?? (status === "open" ? "running" : "given-up"),
  reason: result?.reason,
});

/** While it is, nobody changes the simulation: it would prove nothing. */
export const isSealed = ({ status, result }: Trial): boolean => status === "open" && result === undefined;
