import { element } from "./element.ts";

export interface ButtonOptions {
  readonly className?: string;
  /** For screen readers where the text alone does not say what is acted on. */
  readonly label?: string;
}

/**
 * A button for work that takes time: while it is at it, it says so and takes no second click, but keeps the focus
 * (`disabled` would drop it). Failures are the action's own business.
 */
export const busyButton = (
  text: string,
  action: () => Promise<void>,
  { className, label }: ButtonOptions = {},
): HTMLButtonElement => {
  const button = element("button", { type: "button", class: className, "aria-label": label }, text);
  let isBusy = false;
  const setBusy = (value: boolean): void => {
    isBusy = value;
    if (value) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  };
  button.addEventListener("click", () => {
    if (isBusy) return;
    setBusy(true);
    void action().finally(() => setBusy(false));
  });
  return button;
};
