import { element } from "./element.ts";

type Action = () => Promise<void>;

interface ButtonOptions {
  readonly className?: string;
}

/** While the action is at it, the button says so and takes no second one, but keeps the focus (`disabled` drops it). */
const onceAtATime = (button: HTMLButtonElement, action: Action): (() => void) => {
  let isBusy = false;
  const setBusy = (value: boolean): void => {
    isBusy = value;
    if (value) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  };
  return () => {
    if (isBusy) return;
    setBusy(true);
    void action().finally(() => setBusy(false));
  };
};

/** A button for work that takes time. Failures are the action's own business. */
export const busyButton = (text: string, action: Action, { className }: ButtonOptions = {}): HTMLButtonElement => {
  const button = element("button", { type: "button", class: className }, text);
  button.addEventListener("click", onceAtATime(button, action));
  return button;
};

/** As `busyButton`, for a form: Enter in one of its fields does what a click does. */
export const submitButton = (
  form: HTMLFormElement,
  text: string,
  action: Action,
  { className }: ButtonOptions = {},
) => {
  const button = element("button", { type: "submit", class: className }, text);
  const run = onceAtATime(button, action);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  return button;
};
