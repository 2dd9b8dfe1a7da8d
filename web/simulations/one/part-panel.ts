import { element } from "../../page/element.ts";
import type { Simulation } from "../api/simulation-shapes.ts";
import type { Part } from "../picture/part.ts";
import { linkPanel } from "./link-panel.ts";
import type { NodeDoors } from "./node-panel.ts";
import { nodePanel } from "./node-panel.ts";
import type { OneDeps, View } from "./one-deps.ts";

export interface PartPanel extends View {
  /** Shows another part; undefined: none. */
  readonly choose: (part: Part | undefined, simulation: Simulation) => void;
  readonly focus: () => void;
}

interface Options {
  readonly deps: OneDeps;
  readonly doors: NodeDoors;
  /** Leads back to the part in the picture. */
  readonly onBack: () => void;
}

/** Beside the picture: everything about the node or link that was chosen in it. */
export const partPanel = (options: Options): PartPanel => {
  const heading = element("h2", { tabindex: "-1" }, "Nothing chosen");
  const kind = element("p", { class: "soft small" });
  const back = element("button", { type: "button", class: "quiet compact" }, "Back to the picture");
  back.addEventListener("click", options.onBack);
  const hint = element(
    "p",
    { class: "soft" },
    "Choose a node or a link in the picture to look into it, or to break it.",
  );
  const content = element("div", { class: "wide" }, hint);
  let view: View | undefined;
  let ending = new AbortController();
  const viewOf = ({ kind: kindOfPart, name }: Part, { links }: Simulation): View | undefined => {
    const { deps, doors } = options;
    if (kindOfPart === "node") return nodePanel({ deps, name, doors, resting: heading, signal: ending.signal });
    const link = links.find((one) => one.name === name);
    return link === undefined ? undefined : linkPanel(deps, link);
  };
  back.hidden = true;
  return {
    root: element(
      "section",
      { class: "card stack panel", "aria-label": "What is chosen" },
      element("div", { class: "row spread" }, element("div", {}, heading, kind), back),
      content,
    ),
    update: (simulation) => view?.update(simulation),
    choose: (part, simulation) => {
      ending.abort();
      ending = new AbortController();
      view = part === undefined ? undefined : viewOf(part, simulation);
      heading.textContent = view === undefined ? "Nothing chosen" : (part?.name ?? "");
      kind.textContent = view === undefined ? "" : part?.kind === "node" ? "Node" : "Link";
      back.hidden = view === undefined;
      view?.update(simulation);
      content.replaceChildren(view?.root ?? hint);
    },
    focus: () => heading.focus(),
  };
};
