import type { TopologyRules } from "./simulations/ports.ts";
import { budgetOf } from "./topology/budget.ts";
import { lacksOf } from "./topology/plan-gap.ts";
import { readTopology } from "./topology/read-topology.ts";
import { simulationLimits } from "./topology/simulation-limits.ts";

/** What topology files mean on a host with these images. */
export const topologyRules = (images: readonly string[]): TopologyRules => ({
  read: (source) => readTopology(source, { images }),
  budgetOf,
  lacksOf,
  limitsOf: (plan) => simulationLimits[plan],
});
