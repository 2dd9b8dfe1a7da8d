import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Diagnostic } from "@codemirror/lint";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { element } from "./element.ts";
import type { EditorFinding } from "./finding-list.ts";

export interface YamlEditor<Repair> {
  readonly root: HTMLElement;
  readonly text: () => string;
  /** Replaces the text; what was typed can be brought back by undoing. */
  readonly setText: (text: string) => void;
  readonly showFindings: (findings: readonly EditorFinding<Repair>[]) => void;
  readonly focusAt: (line: number, column: number) => void;
}

interface EditorOptions<Repair> {
  readonly label: string;
  readonly text: string;
  readonly onChange: () => void;
  /** Applies what a finding offers; nobody calls it where findings offer nothing. */
  readonly onRepair?: (repair: Repair) => void;
}

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--accent)" },
  { tag: tags.comment, color: "var(--soft)" },
  { tag: [tags.string, tags.number, tags.bool], color: "var(--ink)" },
]);

const look = EditorView.theme({
  "&": { color: "var(--ink)", background: "var(--card)", fontSize: "0.95rem" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "2px" },
  ".cm-content": { caretColor: "var(--ink)", fontFamily: "ui-monospace, monospace", minHeight: "14rem" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { background: "var(--raised)", color: "var(--soft)", border: "0" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": { background: "var(--accent-ground) !important" },
  // In place of pictures in data: addresses, which the page's policy does not allow.
  ".cm-lintRange": { backgroundImage: "none !important", textDecoration: "underline wavy var(--soft)" },
  ".cm-lintRange-error": { textDecorationColor: "var(--bad)" },
  ".cm-lintRange-warning": { textDecorationColor: "var(--warn)" },
  ".cm-lint-marker": { width: "auto" },
  ".cm-lint-marker.cm-lint-marker": { content: "none" },
  ".cm-lint-marker::before": { content: "'●'", color: "var(--soft)" },
  ".cm-lint-marker-error::before": { color: "var(--bad)" },
  ".cm-lint-marker-warning::before": { color: "var(--warn)" },
  ".cm-tooltip": { background: "var(--card)", color: "var(--ink)", border: "1px solid var(--edge)" },
  ".cm-diagnosticAction": { background: "var(--accent)", color: "var(--on-accent)" },
});

/** From the place that is named to the end of its word, or of its line. */
const spanOf = (
  state: EditorState,
  { line, column }: { readonly line: number; readonly column: number },
): { readonly from: number; readonly to: number } => {
  const found = state.doc.line(Math.min(Math.max(line, 1), state.doc.lines));
  const from = Math.min(found.from + Math.max(column, 1) - 1, found.to);
  const [word = ""] = /^\S+/.exec(found.text.slice(from - found.from)) ?? [];
  return { from, to: Math.max(from, from + word.length) };
};

/**
 * An editor of YAML that shows findings under the text. It lives in a shadow root, where its styles are sheets that scripts
 * adopt: the page's policy allows no style elements.
 */
export const yamlEditor = <Repair = never>(options: EditorOptions<Repair>): YamlEditor<Repair> => {
  const { label, text, onChange, onRepair } = options;
  const root = element("div", { class: "editor wide" });
  const shadow = root.attachShadow({ mode: "open" });
  const view = new EditorView({
    parent: shadow,
    root: shadow,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        history(),
        bracketMatching(),
        yaml(),
        syntaxHighlighting(colours),
        lintGutter(),
        look,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false" }),
        // Tab moves on to the next control, as everywhere on the page.
        keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange();
        }),
      ],
    }),
  });
  const diagnosticOf = (finding: EditorFinding<Repair>): Diagnostic => {
    const { severity, reason, repair } = finding;
    const actions = repair === undefined ? [] : [{ name: "Repair", apply: () => onRepair?.(repair) }];
    return { ...spanOf(view.state, finding), severity, message: reason, actions };
  };
  return {
    root,
    text: () => view.state.doc.toString(),
    setText: (next) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } }),
    showFindings: (findings) => view.dispatch(setDiagnostics(view.state, findings.map(diagnosticOf))),
    focusAt: (line, column) => {
      const { from } = spanOf(view.state, { line, column });
      view.dispatch({ selection: { anchor: from }, scrollIntoView: true });
      view.focus();
    },
  };
};
