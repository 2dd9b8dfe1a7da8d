import { submitButton } from "../../page/busy-button.ts";
import { element } from "../../page/element.ts";
import { isOutside, toStackFailure, type StackFailure } from "../stack-error.ts";
import { failureNotice } from "./notice.ts";

interface DialogOptions {
  readonly title: string;
  readonly content: readonly (Node | string)[];
  readonly confirm: string;
  readonly isDangerous?: boolean;
  /** The dialog closes when it succeeds and stays, with the reason, when it throws. */
  readonly action: () => Promise<void>;
  /** For failures after which the page cannot go on; the dialog is closed by then. */
  readonly onOutside: (failure: StackFailure) => void;
  /** True when the failure is shown somewhere in `content` already. */
  readonly showFailure?: (failure: StackFailure) => boolean;
}

/** Asks for something on top of the page. Escape and "Cancel" leave it; the focus then goes back to where it was. */
export const openDialog = (options: DialogOptions): void => {
  const { title, content, confirm, action, showFailure = () => false } = options;
  const problem = element("div", { class: "wide" });
  const submit = async (): Promise<void> => {
    problem.replaceChildren();
    try {
      await action();
      dialog.close();
    } catch (error) {
      const failure = toStackFailure(error);
      if (isOutside(failure)) {
        dialog.close();
        options.onOutside(failure);
        return;
      }
      if (!showFailure(failure)) problem.replaceChildren(failureNotice(failure));
    }
  };
  const heading = element("h2", { id: "dialog-title" }, title);
  const form = element("form", { class: "stack", novalidate: true }, heading, ...content, problem);
  const cancel = element("button", { type: "button", class: "quiet" }, "Cancel");
  const className = options.isDangerous === true ? { className: "danger" } : {};
  form.append(element("div", { class: "row" }, submitButton(form, confirm, submit, className), cancel));
  const dialog = element("dialog", { "aria-labelledby": "dialog-title" }, form);
  cancel.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
};
