/** Text that is XML already. Only `svg` makes it, so nothing else reaches a picture unescaped. */
export class Markup {
  readonly #text: string;
  constructor(parts: readonly string[], values: readonly MarkupValue[]) {
    this.#text = parts.map((part, index) => part + textOf(values[index])).join("");
  }
  toString(): string {
    return this.#text;
  }
}

/** What may stand in a picture: text and numbers are escaped; nothing is nothing. */
type MarkupValue = Markup | string | number | undefined | false | readonly MarkupValue[];

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
/** XML has no way to write these. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\p{Cs}]/gu;

const isList = (value: MarkupValue): value is readonly MarkupValue[] => Array.isArray(value);

const textOf = (value: MarkupValue): string => {
  if (value === undefined || value === false) return "";
  if (value instanceof Markup) return value.toString();
  if (isList(value)) return value.map(textOf).join("");
  return String(value)
    .replace(unwritable, "\ufffd")
    .replace(/[&<>"']/g, (character) => escapes[character] ?? "");
};

/** Escapes every value, for text and for quoted attributes. */
export const svg = (parts: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup =>
  new Markup(parts, values);
