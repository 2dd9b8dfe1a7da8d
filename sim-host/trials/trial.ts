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
  /** The allowed image that each service is made from, by its name and by the engine's id. */
  readonly images: readonly { readonly service: string; readonly name: string; readonly imageId: string }[];
  readonly startedAt: string;
  readonly simulationId: string;
  /** Digest of the topology that was made of the kit: one that somebody has changed since has another. */
  readonly madeOf: string;
  /** Runs that were begun: one that says nothing about the kit is followed by another. */
  readonly runsBegun: number;
  readonly result?: TrialResult;
  /**
   * `running` until there is a result, `unreported` until the control plane has it. `given-up`: somebody ended the simulation,
   * or nobody took the result.
   */
  readonly status: "running" | "unreported" | "reported" | "given-up";
  /** Its simulation was stopped once it had a result; what people do with it afterwards is theirs. */
  readonly isStopped: boolean;
  readonly reportsFailed: number;
  /** When the next report is due, milliseconds since 1970. */
  readonly reportAt?: number;
}

/** What people see of it. */
export interface TrialView {
  readonly id: string;
  readonly kit: Pick<Trial["kit"], "id" | "name" | "version">;
  readonly simulationId: string;
  readonly runId: string | undefined;
  readonly status: "running" | "passed" | "failed" | "given-up";
  readonly reason: string | undefined;
}

export const trialView = ({ id, kit, simulationId, result, status }: Trial): TrialView => ({
  ...{ id, kit: { id: kit.id, name: kit.name, version: kit.version }, simulationId, runId: result?.runId },
  status: result?.status ?? (status === "running" ? "running" : "given-up"),
  reason: result?.reason,
});

/** While it is, nobody changes the simulation: it would prove nothing. */
export const isSealed = ({ status }: Trial): boolean => status === "running";
