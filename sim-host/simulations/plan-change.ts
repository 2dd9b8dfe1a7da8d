import { compareTopologies } from "../topology/compare-topologies.ts";
import type { TopologyRules } from "./ports.ts";
import type { PlannedStep } from "./services.ts";
import type { Simulation } from "./simulation.ts";

const stepsOf = (action: string, subjects: readonly string[]): readonly PlannedStep[] =>
  subjects.map((subject) => ({ action, subject }));

/** What another file would do to a simulation, in words for people and machines; nothing for the same file. */
export const planChange = (
  { topology }: Simulation,
  rules: Pick<TopologyRules, "read">,
  source: string,
): readonly PlannedStep[] => {
  const read = rules.read(source);
  if (read.kind === "invalid") return [];
  const { nodes, links, isSeedChanged, isTimelineChanged, areAssertionsChanged } = compareTopologies(
    topology,
    read.topology,
  );
  const isRunChanged = isSeedChanged || isTimelineChanged || areAssertionsChanged;
  return [
    ...stepsOf("remove-node", nodes.removed),
    ...nodes.remade.map(({ name, because }) => ({
      action: "make-node-anew",
      subject: `${name} (${because.join(", ")})`,
    })),
    ...stepsOf("make-node", nodes.added),
    ...stepsOf("remove-link", links.removed),
    ...stepsOf("lay-link", links.added),
    ...stepsOf("rewire-link", links.rewired),
    ...stepsOf("change-impairments", links.impaired),
    ...stepsOf("change-run", isRunChanged ? [read.topology.name] : []),
  ];
};
