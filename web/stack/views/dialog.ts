import { openDialog as openPlainDialog } from "../../page/dialog.ts";
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

/** Asks for something that the Stack is then told. */
export const openDialog = ({ onOutside, showFailure = () => false, ...options }: DialogOptions): void =>
  openPlainDialog({
    ...options,
    explain: (error, close) => {
      const failure = toStackFailure(error);
      if (!isOutside(failure)) return showFailure(failure) ? undefined : failureNotice(failure);
      close();
      onOutside(failure);
      return undefined;
    },
  });
