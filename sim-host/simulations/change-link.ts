import { DomainError } from "../../shared/kernel/errors.ts";
import { directionsOf } from "../topology/link-directions.ts";
import type { LinkDirection, TopologyLink } from "../topology/topology.ts";
import type { Records } from "./records.ts";
import type { SimulationServices } from "./services.ts";
import type { ShapeLinks } from "./shape-links.ts";
import type { SimulationLink } from "./simulation.ts";
import { isUp } from "./simulation-rules.ts";

type Change = Parameters<SimulationServices["changeLink"]>[3];

/** `impairment` is for every direction; `directions` replaces those it names, and an empty impairment clears one. */
const changedDirections = (
  link: TopologyLink,
  present: readonly LinkDirection[],
  { impairment, directions = [] }: Change,
): readonly LinkDirection[] => {
  const base = impairment === undefined ? present : directionsOf({ ...link, impairment, directions: [] });
  const isReplaced = ({ from, to }: LinkDirection): boolean =>
    directions.some((other) => other.from === from && other.to === to);
  return [...base.filter((direction) => !isReplaced(direction)), ...directions].filter(
    (direction) => Object.keys(direction.impairment).length > 0,
  );
};

const requireOnLink = (link: TopologyLink, directions: readonly LinkDirection[]): void => {
  const stray = directions.find(
    ({ from, to }) => from === to || !link.nodes.includes(from) || !link.nodes.includes(to),
  );
  if (stray === undefined) return;
  throw new DomainError("invalid-input", `${stray.from} to ${stray.to} is no direction of ${link.name}.`);
};

interface Deps {
  readonly records: Records;
  readonly shapeLinks: ShapeLinks;
}

/** Past the reconciler: a fault of a run must not wait for a node that starts elsewhere. */
export const makeChangeLink =
  ({ records, shapeLinks }: Deps): SimulationServices["changeLink"] =>
  async ({ tenantId }, id, name, change) => {
    const link = records.get(tenantId, id).topology.links.find((candidate) => candidate.name === name);
    if (link === undefined) {
      throw new DomainError("simulation-not-found", "There is no link with this name in the simulation.");
    }
    requireOnLink(link, change.directions ?? []);
    const after = records.update(tenantId, id, (present) => ({
      ...present,
      links: present.links.map((candidate): SimulationLink =>
        candidate.name === name
          ? {
              ...candidate,
              isDown: change.isDown ?? candidate.isDown,
              directions: changedDirections(link, candidate.directions, change),
            }
          : candidate,
      ),
    }));
    if (after !== undefined && isUp(after)) await shapeLinks(tenantId, id);
    return records.get(tenantId, id);
  };
