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

/** There is little room: what all directions have is said once, and of each what it has beside that. */
const withoutRepeating = (all: readonly { readonly to: string; readonly words: string }[]): readonly string[] => {
  const parts = all.map(({ to, words }) => ({ to, has: words.split(", ") }));
  const shared = (parts[0]?.has ?? []).filter((one) => parts.every(({ has }) => has.includes(one)));
  const own = parts.flatMap(({ to, has }) => {
    const rest = has.filter((one) => !shared.includes(one));
    return rest.length === 0 ? [] : [`→ ${to}: ${rest.join(", ")}`];
  });
  return shared.length === 0 ? own : [shared.join(", "), ...own];
};

/** What a link's label says: one line where all directions are alike, three at most otherwise. */
export const linkWords = (link: SimulationLink): readonly string[] => {
  const all = directionsOf(link).map((one) => ({ ...one, words: directionWords(findDirection(link, one)) }));
  const [first] = all;
  if (first === undefined || all.every(({ words }) => words === first.words)) {
    return first === undefined || first.words === "unimpaired" ? [] : [first.words];
  }
  const impaired = all.filter(({ words }) => words !== "unimpaired");
  if (impaired.length > 2) return [`${impaired.length} of ${all.length} directions impaired`];
  if (impaired.length < all.length) return impaired.map(({ to, words }) => `→ ${to}: ${words}`);
  return withoutRepeating(impaired);
};
