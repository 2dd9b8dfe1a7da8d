import { element } from "../../page/element.ts";
import type { Simulation } from "../api/simulation-shapes.ts";
import type { View } from "./one-deps.ts";

const sentences = {
  running: "It proves nothing if it is changed, so nobody changes it until its run is over. Stop it to give up.",
  passed: "The kit passed, and this version is proven.",
  failed: "The kit failed.",
  "given-up": "It was given up, and proved nothing.",
} as const;

/** Of a simulation that was made to try a kit: which one, and how that went. */
export const trialNotice = (): View => {
  const root = element("p", { class: "notice", hidden: true });
  return {
    root,
    update({ trial }: Simulation) {
      root.hidden = trial === undefined;
      if (trial === undefined) return;
      const { kit, status } = trial;
      const link = element(
        "a",
        { href: `/kits/${kit.id}?version=${encodeURIComponent(kit.version)}` },
        `${kit.name} ${kit.version}`,
      );
      root.replaceChildren("This simulation tries the kit ", link, `. ${sentences[status]}`);
    },
  };
};
