import { element } from "../../page/element.ts";
import { svgElement } from "../../page/svg-element.ts";
import type { Simulation } from "../api/simulation-shapes.ts";
import type { Arrangement } from "./arrange.ts";
import { arrange } from "./arrange.ts";
import type { Part } from "./part.ts";
import { fillLink, fillNode, keyOf } from "./part.ts";

export interface Picture {
  readonly root: HTMLElement;
  readonly update: (simulation: Simulation, chosen: Part | undefined) => void;
  readonly focus: (part: Part) => void;
}

/** Between the picture's edge and what is in it, on both sides together. */
const marginPixels = 32;
const zoomMin = 0.8;

const put = (button: HTMLElement, { x, y, width, height }: Arrangement["nodes"][number]): void => {
  button.style.left = `${x - width / 2}px`;
  button.style.top = `${y - height / 2}px`;
  button.style.width = `${width}px`;
  button.style.height = `${height}px`;
};

/** What the arrangement depends on. */
const shapeOf = ({ nodes, links }: Simulation, room: number): string =>
  JSON.stringify([room, nodes.map(({ name }) => name), links.map((link) => [link.name, link.nodes])]);

const cableClass = ({ status, links }: Simulation, name: string): string => {
  const link = links.find((one) => one.name === name);
  if (link?.isDown === true) return "down";
  return status === "running" ? "live" : "";
};

type Choose = (part: Part, isByKeyboard: boolean) => void;

/** Buttons of parts, each made once: a button that stays in the page keeps the focus. */
const makeButtons = (onChoose: Choose) => {
  const buttons = new Map<string, HTMLButtonElement>();
  const of = (part: Part): HTMLButtonElement => {
    const known = buttons.get(keyOf(part));
    if (known !== undefined) return known;
    const button = element("button", { type: "button", "aria-pressed": "false" });
    // A click that no pointer made has no count.
    button.addEventListener("click", ({ detail }) => onChoose(part, detail === 0));
    buttons.set(keyOf(part), button);
    return button;
  };
  const keepOnly = (wanted: readonly Part[]): void => {
    const keys = new Set(wanted.map(keyOf));
    for (const [key, button] of buttons) {
      if (keys.has(key)) continue;
      button.remove();
      buttons.delete(key);
    }
  };
  return { of, keepOnly };
};

const partsOf = ({ nodes, links }: Pick<Arrangement, "nodes" | "links">) => [
  ...nodes.map((place) => ({ place, part: { kind: "node", name: place.name } as const })),
  ...links.map((place) => ({ place, part: { kind: "link", name: place.name } as const })),
];

/** The homelab as it is now. Every node and every link is a button; where they are depends on their names only. */
export const makePicture = (onChoose: Choose): Picture => {
  const cables = svgElement("svg", { class: "cables", "aria-hidden": "true" });
  const plane = element("div", { class: "plane" });
  plane.append(cables);
  const root = element("div", { class: "picture", role: "group", "aria-label": "Nodes and links" }, plane);
  const buttons = makeButtons(onChoose);
  let paths: readonly { readonly link: string; readonly path: SVGElement }[] = [];
  let arranged = "";
  let shown: readonly [simulation: Simulation, chosen: Part | undefined] | undefined;

  const arrangeAll = (simulation: Simulation): void => {
    const room = root.clientWidth;
    const shape = shapeOf(simulation, room);
    if (shape === arranged || room === 0) return;
    arranged = shape;
    const arrangement = arrange(simulation, room - marginPixels);
    const { width, height } = arrangement;
    plane.style.width = `${width}px`;
    plane.style.height = `${height}px`;
    // A little too wide is drawn smaller; what is much too wide is scrolled, since nobody could read it.
    plane.style.zoom = String(Math.min(1, Math.max(zoomMin, (room - marginPixels) / width)));
    cables.setAttribute("viewBox", `0 0 ${width} ${height}`);
    paths = arrangement.cables.map(({ link, path }) => ({ link, path: svgElement("path", { d: path }) }));
    cables.replaceChildren(...paths.map(({ path }) => path));
    const parts = partsOf(arrangement);
    buttons.keepOnly(parts.map(({ part }) => part));
    for (const { place, part } of parts) {
      const button = buttons.of(part);
      put(button, place);
      if (!button.isConnected) plane.append(button);
    }
  };
  const draw = (): void => {
    if (shown === undefined) return;
    const [simulation, chosen] = shown;
    arrangeAll(simulation);
    for (const node of simulation.nodes) fillNode(buttons.of({ kind: "node", name: node.name }), node, chosen);
    for (const link of simulation.links) fillLink(buttons.of({ kind: "link", name: link.name }), link, chosen);
    for (const { link, path } of paths) path.setAttribute("class", cableClass(simulation, link));
  };
  new ResizeObserver(draw).observe(root);
  return {
    root,
    update: (...now) => {
      shown = now;
      draw();
    },
    focus: (part) => buttons.of(part).focus(),
  };
};
