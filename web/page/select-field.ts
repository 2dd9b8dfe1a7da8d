import { element } from "./element.ts";

/** A select with these words; the first of them, or `chosen`, is selected. */
export const selectOf = (words: readonly string[], chosen: string | undefined, label?: string): HTMLSelectElement => {
  const select = element(
    "select",
    { "aria-label": label },
    ...words.map((word) => element("option", { value: word }, word)),
  );
  if (chosen !== undefined) select.value = chosen;
  return select;
};

/** A labelled select. */
export const selectField = (name: string, label: string, words: readonly string[]) => {
  const select = selectOf(words, undefined);
  select.id = `field-${name}`;
  select.name = name;
  return { root: element("div", { class: "field" }, element("label", { for: select.id }, label), select), select };
};
