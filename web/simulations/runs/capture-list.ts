import { element } from "../../page/element.ts";
import { saveBlob } from "../../page/save-blob.ts";
import type { Run } from "../api/run-shapes.ts";
import type { Acts } from "../one/act.ts";
import type { OneDeps } from "../one/one-deps.ts";
import { sizeWords } from "../views/size-words.ts";

/** What a run has recorded, each to be downloaded. */
export const captureList = ({ api, id }: OneDeps, acts: Acts) => {
  const root = element("ul", { class: "plain wide", "aria-label": "Captures of the run", hidden: true });
  const item = (run: string, { name, link, node, bytes, reason }: Run["captures"][number]): HTMLElement => {
    const words = `Packets of ${node} on ${link}, ${sizeWords(bytes)}${reason === undefined ? "" : `. ${reason}`}`;
    const download = acts.button(`Download ${name}`, async () => saveBlob(await api.runCapture(id, run, name), name));
    download.hidden = bytes === 0;
    return element("li", { class: "row" }, element("span", {}, words), download);
  };
  return {
    root,
    update: ({ id: run, status, captures }: Run): void => {
      root.hidden = status === "running" || captures.length === 0;
      root.replaceChildren(...captures.map((capture) => item(run, capture)));
    },
  };
};
