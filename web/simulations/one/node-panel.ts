import { element } from "../../page/element.ts";
import type { Simulation, SimulationNode } from "../api/simulation-shapes.ts";
import type { NodeAction } from "../api/simulations-api.ts";
import { showButtons } from "../views/show-buttons.ts";
import { stateBadge, nodeWords } from "../views/state-badge.ts";
import { makeActs } from "./act.ts";
import { allowedNodeActions, isSealed } from "./allowed-actions.ts";
import { factList } from "./fact-list.ts";
import { nodeStats } from "./node-stats.ts";
import type { OneDeps, View } from "./one-deps.ts";

const words: Readonly<Record<NodeAction, string>> = {
  ...{ start: "Start", stop: "Stop", pause: "Pause", resume: "Resume", restart: "Restart", kill: "Kill" },
};

const factsOf = ({ image, addresses, limits, exitCode, isOutOfMemory }: SimulationNode) => {
  const ended = isOutOfMemory === true ? "ran out of memory" : String(exitCode ?? "");
  return [
    ["Image", image ?? "–"],
    ...Object.entries(addresses).map(([link, address]) => [`Address on ${link}`, address] as const),
    ...(limits === undefined
      ? []
      : ([["Limits", `${limits.memoryMegabytes} MB, ${limits.cpus} CPU, ${limits.pidsMax} processes`]] as const)),
    ...(exitCode === undefined ? [] : ([["Exit code", ended]] as const)),
  ] as const;
};

/** What opens below the picture, for a node. */
export interface NodeDoors {
  readonly openLogs: (node: string) => void;
  readonly openTerminal: (node: string) => void;
}

interface Options {
  readonly deps: OneDeps;
  readonly name: string;
  readonly doors: NodeDoors;
  /** Takes the focus when what has it goes. */
  readonly resting: HTMLElement;
  /** Ends what the panel follows. */
  readonly signal: AbortSignal;
}

/** State, facts and actions of one node. */
export const nodePanel = ({ deps, name, doors, resting, signal }: Options): View => {
  const acts = makeActs(deps.signInEnded);
  const badge = element("p", {});
  const facts = element("div", { class: "wide" });
  const buttons = (Object.entries(words) as [NodeAction, string][]).map(([action, text]) => {
    const act = async (): Promise<void> => deps.take(await deps.api.controlNode(deps.id, name, action));
    return { action, button: acts.button(text, act, action === "kill" ? "danger compact" : "quiet compact") };
  });
  const door = (text: string, open: (node: string) => void): HTMLButtonElement => {
    const button = element("button", { type: "button", class: "compact" }, text);
    button.addEventListener("click", () => open(name));
    return button;
  };
  const terminal = door("Open a terminal", doors.openTerminal);
  const logs = door("Logs", doors.openLogs);
  logs.className = "quiet compact";
  const stats = nodeStats(deps, name, signal);
  return {
    root: element(
      "div",
      { class: "stack" },
      badge,
      element("div", { class: "row" }, terminal, logs),
      element("div", { class: "row" }, ...buttons.map(({ button }) => button)),
      acts.problems,
      stats.root,
      facts,
    ),
    update: (simulation: Simulation) => {
      const node = simulation.nodes.find((one) => one.name === name);
      if (node === undefined) return;
      badge.replaceChildren(stateBadge(nodeWords(node)));
      facts.replaceChildren(factList(factsOf(node)));
      const allowed = allowedNodeActions(simulation, node);
      const actions = buttons.map(({ action, button }) => ({ button, isShown: allowed.includes(action) }));
      const opening = { button: terminal, isShown: node.state === "running" && !isSealed(simulation) };
      showButtons([...actions, opening, { button: logs, isShown: node.state !== "absent" }], resting);
      stats.root.hidden = node.state !== "running";
    },
  };
};
