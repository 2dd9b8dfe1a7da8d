import { impairmentText } from "../../../sim-host/topology/impairment-text.ts";
import type { Direction, SimulationLink } from "../api/simulation-shapes.ts";

/** What is impaired of one direction, in few words. */
export const directionWords = (direction: Direction | undefined): string => {
  if (direction === undefined) return "unimpaired";
  const { impairment } = direction;
  const given = Object.entries(impairment).filter(([, value]) => value !== undefined);
  return impairmentText(Object.fromEntries(given)) || "unimpaired";
};

/** Every direction of a link, in the order of its nodes. */
export const directionsOf = ({ nodes }: Pick<SimulationLink, "nodes">): readonly { from: string; to: string }[] =>
  nodes.flatMap((from) => nodes.filter((to) => to !== from).map((to) => ({ from, to })));

export const findDirection = (
  { directions }: Pick<SimulationLink, "directions">,
  { from, to }: { readonly from: string; readonly to: string },
): Direction | undefined => directions.find((one) => one.from === from && one.to === to);

/** What a link's label says: one line for all directions where they are alike, two at most otherwise. */
export const linkWords = (link: SimulationLink): readonly string[] => {
  const all = directionsOf(link).map((one) => ({ ...one, words: directionWords(findDirection(link, one)) }));
  const [first] = all;
  if (first === undefined || all.every(({ words }) => words === first.words)) {
    return first === undefined || first.words === "unimpaired" ? [] : [first.words];
  }
  const impaired = all.filter(({ words }) => words !== "unimpaired");
  if (impaired.length > 2) return [`${impaired.length} of ${all.length} directions impaired`];
  return impaired.map(({ to, words }) => `→ ${to}: ${words}`);
};
