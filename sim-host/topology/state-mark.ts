import type { NodeFacts } from "./picture-facts.ts";
import type { Point } from "./spread-graph.ts";
import type { Markup } from "./svg-markup.ts";
import { svg } from "./svg-markup.ts";
import { textWidth } from "./text-width.ts";

type State = NonNullable<NodeFacts["state"]>;

const good = "var(--good, #146c2e)";
const warn = "var(--warn, #7a4d00)";
const bad = "var(--bad, #b3261e)";
const soft = "var(--soft, #545d68)";

/** Every state has a shape of its own, so that none is told by colour alone. Drawn on 12 by 12. */
const marks: Readonly<
  Record<State["kind"], { readonly path: string; readonly colour: string; readonly isFilled: boolean }>
> = {
  running: { path: "M6 0.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 0 0 0-11Z", colour: good, isFilled: true },
  unhealthy: { path: "M6 0.5L11.8 11.5H0.2Z", colour: warn, isFilled: true },
  paused: { path: "M1.5 1h3v10h-3ZM7.5 1h3v10h-3Z", colour: warn, isFilled: true },
  exited: { path: "M1.5 1.5L10.5 10.5M10.5 1.5L1.5 10.5", colour: bad, isFilled: false },
  created: { path: "M6 1.2a4.8 4.8 0 1 0 0 9.6a4.8 4.8 0 0 0 0-9.6Z", colour: soft, isFilled: false },
  absent: { path: "M2 6H10", colour: soft, isFilled: false },
};

/** The state of a node, as a shape and in words, around a point on the words' line. */
export const stateMark = ({ kind, words }: State, { x, y }: Point, fontSize: number): Markup => {
  const { path, colour, isFilled } = marks[kind];
  const width = textWidth(words, fontSize);
  const left = Math.round(x - width / 2 - 10);
  const paint = isFilled ? svg`fill="${colour}"` : svg`fill="none" stroke="${colour}" stroke-width="2"`;
  return svg`<path transform="translate(${left} ${y - 10})" d="${path}" ${paint}/>
<text x="${left + 18}" y="${y}" font-size="${fontSize}" text-anchor="start" fill="${colour}">${words}</text>
`;
};
