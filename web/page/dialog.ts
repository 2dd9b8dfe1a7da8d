import { submitButton } from "./busy-button.ts";
import { element } from "./element.ts";

interface DialogOptions {
  readonly title: string;
  readonly content: readonly (Node | string)[];
  readonly confirm: string;
  readonly isDangerous?: boolean;
  /** The dialog closes when it succeeds. */
  readonly action: () => Promise<void>;
  /** What of a failed action is shown in the dialog, which stays, unless `close` is called; undefined: nothing. */
  readonly explain: (error: unknown, close: () => void) => HTMLElement | undefined;
}

/** Asks for something on top of the page. Escape and "Cancel" leave it; the focus then goes back to where it was. */
export const openDialog = ({ title, content, confirm, isDangerous, action, explain }: DialogOptions): void => {
  const problem = element("div", { class: "wide" });
  const submit = async (): Promise<void> => {
    problem.replaceChildren();
    try {
      await action();
      dialog.close();
    } catch (error) {
      const notice = explain(error, () => dialog.close());
      if (notice !== undefined) problem.replaceChildren(notice);
    }
  };
  const heading = element("h2", { id: "dialog-title" }, title);
  const form = element("form", { class: "stack", novalidate: true }, heading, ...content, problem);
  const cancel = element("button", { type: "button", class: "quiet" }, "Cancel");
  const className = isDangerous === true ? { className: "danger" } : {};
  form.append(element("div", { class: "row" }, submitButton(form, confirm, submit, className), cancel));
  const dialog = element("dialog", { "aria-labelledby": "dialog-title" }, form);
  cancel.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
};
