import type { Plan } from "../../shared/tenants/plan.ts";
import { planLimits } from "../../shared/tenants/plan.ts";

/** What a plan allows. All but `simulationsMax` is of one simulation; megabytes are 1,048,576 bytes, as Docker has it. */
export interface SimulationLimits {
  /** At the same time, running or not. */
  readonly simulationsMax: number;
  readonly nodesMax: number;
  readonly linksMax: number;
  readonly memoryMegabytesMax: number;
  readonly cpusMax: number;
  /** From its start until it is stopped by itself; extended, from then on at most. */
  readonly minutesMax: number;
  /** Of one packet capture. */
  readonly capturesBytesMax: number;
}

export const simulationLimits = {
  free: {
    simulationsMax: planLimits.free.maxSimulations,
    ...{ nodesMax: 5, linksMax: 4, memoryMegabytesMax: 512, cpusMax: 2, minutesMax: 60, capturesBytesMax: 5_000_000 },
  },
  pro: {
    simulationsMax: planLimits.pro.maxSimulations,
    ...{ nodesMax: 30, linksMax: 12, memoryMegabytesMax: 4_096, cpusMax: 8, minutesMax: 480 },
    capturesBytesMax: 50_000_000,
  },
  enterprise: {
    simulationsMax: planLimits.enterprise.maxSimulations,
    ...{ nodesMax: 100, linksMax: 40, memoryMegabytesMax: 16_384, cpusMax: 32, minutesMax: 1_440 },
    capturesBytesMax: 200_000_000,
  },
} as const satisfies Record<Plan, SimulationLimits>;
