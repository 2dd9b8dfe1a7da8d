import { busyButton } from "../../page/busy-button.ts";
import { element } from "../../page/element.ts";
import { toApiError } from "../../console/api/api-error.ts";
import { failureNotice } from "../views/failure-notice.ts";

/** Runs what people ask for, and shows in its place why it did not work. */
export interface Acts {
  /** Where failures are shown. */
  readonly problems: HTMLElement;
  readonly run: (act: () => Promise<void>) => Promise<void>;
  readonly button: (words: string, act: () => Promise<void>, className?: string) => HTMLButtonElement;
}

/** `signInEnded` is called instead when the platform no longer accepts the sign-in. */
export const makeActs = (signInEnded: () => void): Acts => {
  const problems = element("div", { class: "wide" });
  const run = async (act: () => Promise<void>): Promise<void> => {
    problems.replaceChildren();
    try {
      await act();
    } catch (cause) {
      const error = toApiError(cause);
      if (error.facts.status === 401) signInEnded();
      else problems.replaceChildren(failureNotice(error));
    }
  };
  return {
    problems,
    run,
    button: (words, act, className = "quiet compact") => busyButton(words, () => run(act), { className }),
  };
};
