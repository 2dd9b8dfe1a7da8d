/** Text that is HTML already. Only `html` makes it, so nothing else reaches a page unescaped. */
export class Html {
  readonly #text: string;
  constructor(parts: readonly string[], values: readonly HtmlValue[]) {
    this.#text = parts.map((part, index) => part + textOf(values[index])).join("");
  }
  toString(): string {
    return this.#text;
  }
}

/** What may stand in a page: text and numbers are escaped; nothing is nothing. */
export type HtmlValue = Html | string | number | null | undefined | false | readonly HtmlValue[];

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const isList = (value: HtmlValue): value is readonly HtmlValue[] => Array.isArray(value);

const textOf = (value: HtmlValue): string => {
  if (value === null || value === undefined || value === false) return "";
  if (value instanceof Html) return value.toString();
  if (isList(value)) return value.map(textOf).join("");
  return String(value).replace(/[&<>"']/g, (character) => escapes[character] ?? "");
};

/** Escapes every value for text and for quoted attributes. Addresses are our own; a value never begins one. */
export const html = (parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html => new Html(parts, values);
