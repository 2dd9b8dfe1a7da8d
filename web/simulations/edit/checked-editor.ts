import { element } from "../../page/element.ts";
import type { EditorFinding } from "../../page/finding-list.ts";
import { yamlEditor } from "../../page/yaml-editor.ts";
import { toApiError } from "../../console/api/api-error.ts";
import { failureNotice } from "../views/failure-notice.ts";

type FocusAt = (line: number, column: number) => void;

interface Options<Answer> {
  readonly text: string;
  readonly check: (text: string) => Promise<Answer>;
  /** Shows what the check said, below the text. */
  readonly view: (answer: Answer, focusAt: FocusAt) => HTMLElement;
  readonly findingsOf: (answer: Answer) => readonly EditorFinding[];
  readonly signInEnded: () => void;
}

export interface CheckedEditor {
  readonly root: HTMLElement;
  readonly text: () => string;
  readonly setText: (text: string) => void;
  readonly check: () => void;
  /** Checks what is there already; to be called once it is in the page. */
  readonly start: () => void;
}

const pauseMilliseconds = 300;

/** An editor whose text the platform checks a moment after every change. */
export const checkedEditor = <Answer>(options: Options<Answer>): CheckedEditor => {
  const { text, check, view, findingsOf, signInEnded } = options;
  const outcome = element("div", { class: "stack wide" });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;
  const checkSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void checkNow(), pauseMilliseconds);
  };
  const editor = yamlEditor({ label: "Topology", text, onChange: checkSoon });
  /** Answers that were overtaken by newer questions are not shown. */
  const checkNow = async (): Promise<void> => {
    const question = (asked += 1);
    try {
      const answer = await check(editor.text());
      if (question !== asked) return;
      editor.showFindings(findingsOf(answer));
      outcome.replaceChildren(view(answer, editor.focusAt));
    } catch (cause) {
      const error = toApiError(cause);
      if (error.facts.status === 401) signInEnded();
      else if (question === asked) outcome.replaceChildren(failureNotice(error, checkNow));
    }
  };
  return {
    root: element("div", { class: "stack wide" }, editor.root, outcome),
    text: editor.text,
    setText: editor.setText,
    check: () => void checkNow(),
    start: () => void checkNow(),
  };
};
