import { element } from "./element.ts";

export interface FormField {
  readonly root: HTMLElement;
  readonly input: HTMLInputElement;
  /** Says what is wrong with the value, beside the field and to screen readers; undefined takes it back. */
  readonly showError: (text: string | undefined) => void;
}

interface FormFieldOptions {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly isRequired?: boolean;
  readonly maxLength?: number;
  readonly autocomplete?: string;
  /** Off for names that are not words: no capital at the start, no spelling marks. */
  readonly isProse?: boolean;
}

/** A labelled text field whose hint and error are its description. */
export const formField = (options: FormFieldOptions): FormField => {
  const { name, label, hint, isRequired = false, maxLength, autocomplete = "off", isProse = true } = options;
  const id = `field-${name}`;
  const error = element("p", { id: `${id}-error`, class: "error", hidden: true });
  const note = hint === undefined ? undefined : element("p", { id: `${id}-hint`, class: "soft small" }, hint);
  const input = element("input", {
    id,
    name,
    autocomplete,
    required: isRequired,
    maxlength: maxLength?.toString(),
    "aria-describedby": note === undefined ? `${id}-error` : `${id}-hint ${id}-error`,
    ...(isProse ? {} : { autocapitalize: "none", spellcheck: "false" }),
  });
  return {
    root: element("div", { class: "field wide" }, element("label", { for: id }, label), input, note, error),
    input,
    showError: (text) => {
      error.textContent = text ?? "";
      error.hidden = text === undefined;
      if (text === undefined) input.removeAttribute("aria-invalid");
      else input.setAttribute("aria-invalid", "true");
    },
  };
};
