import { impairmentText } from "../topology/impairment-text.ts";
import type { SimulationLink } from "./simulation.ts";

type Link = Pick<SimulationLink, "name" | "isDown" | "directions">;

/** More are counted. */
const namedMax = 2;

const wordsOf = ({ directions }: Link, from: string, to: string): string => {
  const found = directions.find((one) => one.from === from && one.to === to);
  return (found === undefined ? "" : impairmentText(found.impairment)) || "unimpaired";
};

/** What a link is like now that it has changed, as in `front: 10 ms, 1 % lost` or `front from client to web: unimpaired`. */
export const linkText = (nodes: readonly string[], before: Link, after: Link): string => {
  const { name, isDown } = after;
  if (before.isDown !== isDown) return isDown ? `${name} is down` : `${name} is up again`;
  const pairs = nodes.flatMap((from) => nodes.filter((to) => to !== from).map((to) => [from, to] as const));
  const all = pairs.map(([from, to]) => ({
    ...{ from, to, words: wordsOf(after, from, to) },
    isChanged: wordsOf(before, from, to) !== wordsOf(after, from, to),
  }));
  const [first] = all;
  if (first !== undefined && all.every(({ words }) => words === first.words)) return `${name}: ${first.words}`;
  const changed = all.filter(({ isChanged }) => isChanged);
  if (changed.length > namedMax) return `${name}: ${changed.length} of ${all.length} directions are otherwise`;
  return `${name} ${changed.map(({ from, to, words }) => `from ${from} to ${to}: ${words}`).join("; ")}`;
};
