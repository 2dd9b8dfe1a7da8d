import { openDialog } from "../../page/dialog.ts";
import { element } from "../../page/element.ts";
import { announce } from "../../page/live-region.ts";
import { saveBlob } from "../../page/save-blob.ts";
import { toApiError } from "../../console/api/api-error.ts";
import { failureNotice } from "../views/failure-notice.ts";
import { sizeWords } from "../views/size-words.ts";
import type { Save } from "../api/run-shapes.ts";
import { makeActs } from "./act.ts";
import { isSealed } from "./allowed-actions.ts";
import type { OneDeps, View } from "./one-deps.ts";

const whenOf = ({ createdAt }: Save): string =>
  new Date(createdAt).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

interface Confirmed {
  readonly title: string;
  readonly words: string;
  readonly confirm: string;
  readonly action: () => Promise<void>;
}

const ask = ({ title, words, confirm, action }: Confirmed): void =>
  openDialog({
    ...{ title, confirm, action, isDangerous: true, content: [element("p", {}, words)] },
    explain: (error) => failureNotice(toApiError(error)),
  });

const plainButton = (words: string, className: string, onClick: () => void): HTMLButtonElement => {
  const button = element("button", { type: "button", class: `${className} compact` }, words);
  button.addEventListener("click", onClick);
  return button;
};

const askToRemove = ({ api, id }: OneDeps, save: Save, then: () => Promise<void>): void =>
  ask({
    title: "Delete this save?",
    words: `What was saved on ${whenOf(save)} is deleted for good.`,
    confirm: "Delete it",
    action: async () => {
      await api.removeSave(id, save.id);
      await then();
    },
  });

const askToRestore = ({ api, id }: OneDeps, save: Save): void =>
  ask({
    title: "Put these files back?",
    words: `What is in the nodes' /data now is replaced by what was saved on ${whenOf(save)}.`,
    confirm: "Put them back",
    action: async () => {
      await api.restoreSave(id, save.id);
      announce("The files are put back.");
    },
  });

/** What nodes keep in their `/data`, saved and put back. */
export const savesSection = (deps: OneDeps): View & { readonly start: () => void } => {
  const { api, id } = deps;
  const acts = makeActs(deps.signInEnded);
  const list = element("ul", { class: "plain wide", "aria-label": "Saves" });
  let saves: readonly Save[] = [];
  let isChangeable = true;
  const draw = (): void => list.replaceChildren(...saves.map((save) => itemOf(save)));
  const load = (): Promise<void> =>
    acts.run(async () => {
      saves = await api.saves(id);
      draw();
    });
  const itemOf = (save: Save): HTMLElement =>
    element(
      "li",
      { class: "row" },
      element("span", {}, `${whenOf(save)}, ${save.nodes.length} nodes, ${sizeWords(save.bytes)}`),
      isChangeable ? plainButton("Put back", "quiet", () => askToRestore(deps, save)) : undefined,
      acts.button("Download", async () => saveBlob(await api.downloadSave(id, save.id), `${save.id}.tar`)),
      isChangeable ? plainButton("Delete", "danger", () => askToRemove(deps, save, load)) : undefined,
    );
  const make = acts.button("Save the files now", async () => {
    await api.makeSave(id);
    announce("The files are saved.");
    await load();
  });
  return {
    root: element(
      "section",
      { class: "card stack", "aria-label": "Files" },
      element("h2", {}, "Files of the nodes"),
      element(
        "p",
        { class: "soft" },
        "What nodes keep in /data can be saved, and put back later, also into nodes that were made anew.",
      ),
      ...[make, acts.problems, list],
    ),
    update: (simulation) => {
      const wasChangeable = isChangeable;
      isChangeable = !isSealed(simulation);
      make.hidden = simulation.status !== "running" || !isChangeable;
      // Drawn only when it differs: it would take the focus from who is in it.
      if (isChangeable !== wasChangeable) draw();
    },
    start: () => void load(),
  };
};
