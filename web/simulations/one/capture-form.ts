import { element } from "../../page/element.ts";
import { announce } from "../../page/live-region.ts";
import { saveBlob } from "../../page/save-blob.ts";
import { selectField } from "../../page/select-field.ts";
import type { SimulationLink } from "../api/simulation-shapes.ts";
import { makeActs } from "./act.ts";
import { isSealed } from "./allowed-actions.ts";
import type { OneDeps, View } from "./one-deps.ts";

const lengths = ["5 seconds", "10 seconds", "30 seconds"] as const;

/** Records what passes a node's port on a link, and downloads it as a pcap file. */
export const captureForm = ({ api, id, signInEnded }: OneDeps, { name, nodes }: SimulationLink): View => {
  const acts = makeActs(signInEnded);
  const node = selectField("capture-node", "At the port of", nodes);
  const length = selectField("capture-length", "For", lengths);
  const state = element("p", { class: "soft small", role: "status" });
  const button = acts.button("Capture what passes", async () => {
    const seconds = Number.parseInt(length.select.value, 10);
    state.textContent = `Capturing for ${length.select.value}.`;
    try {
      const contents = await api.capture(id, name, node.select.value, seconds);
      saveBlob(contents, `${name}-${node.select.value}.pcap`);
      announce("The capture is downloaded.");
    } finally {
      state.textContent = "";
    }
  });
  const root = element(
    "details",
    { class: "wide" },
    element("summary", {}, "Capture packets"),
    element(
      "div",
      { class: "stack" },
      element("p", { class: "soft small" }, "What passes is written to a file that Wireshark and tcpdump read."),
      element("div", { class: "pair" }, node.root, length.root),
      button,
      state,
      acts.problems,
    ),
  );
  return {
    root,
    update: (simulation) => {
      root.hidden = simulation.status !== "running" || isSealed(simulation);
    },
  };
};
