import { element } from "../../page/element.ts";

type Inline = string | HTMLElement;

/** Only addresses that lead to another page: what a kit's author wrote is not trusted. */
const linkTo = (address: string, words: string): Inline =>
  /^https?:\/\/[^\s]+$/.test(address) ? element("a", { href: address, rel: "noreferrer noopener" }, words) : words;

const marks = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)|<(https?:\/\/[^>\s]+)>/g;

const inlineOf = (text: string): readonly Inline[] => {
  const parts: Inline[] = [];
  let end = 0;
  for (const found of text.matchAll(marks)) {
    const [whole, code, strong, words, address, bare] = found;
    parts.push(text.slice(end, found.index));
    if (code !== undefined) parts.push(element("code", {}, code));
    else if (strong !== undefined) parts.push(element("strong", {}, strong));
    else if (words !== undefined && address !== undefined) parts.push(linkTo(address, words));
    else if (bare !== undefined) parts.push(linkTo(bare, bare));
    end = found.index + whole.length;
  }
  return [...parts, text.slice(end)].filter((part) => part !== "");
};

const headingTags = ["h3", "h3", "h4", "h5"] as const;

const headingOf = (line: string): HTMLElement | undefined => {
  const [, signs = "", text = ""] = /^(#{1,4}) +(.+)$/.exec(line) ?? [];
  const tag = headingTags[signs.length - 1];
  return tag === undefined ? undefined : element(tag, {}, ...inlineOf(text));
};

const itemOf = (line: string): { readonly tag: "ul" | "ol"; readonly text: string } | undefined => {
  const [, sign = "", text = ""] = /^(?:([-*]|\d{1,3}[.)]) +)(.+)$/.exec(line) ?? [];
  if (sign === "") return undefined;
  return { tag: /\d/.test(sign) ? "ol" : "ul", text };
};

/** The lines of a block that end before `isEnd`, and where the rest begins. */
const takeWhile = (lines: readonly string[], from: number, isPart: (line: string) => boolean): number => {
  let end = from;
  while (end < lines.length && isPart(lines[end] ?? "")) end += 1;
  return end;
};

const isRow = (line: string): boolean => /^\|.*\|\s*$/.test(line);
const isRule = (line: string): boolean => /^\|[\s:|-]+\|\s*$/.test(line);
const isPlain = (line: string): boolean =>
  line.trim() !== "" &&
  headingOf(line) === undefined &&
  itemOf(line) === undefined &&
  !line.startsWith("```") &&
  !isRow(line);

const cellsOf = (line: string): readonly string[] =>
  line
    .trim()
    .slice(1, -1)
    .split("|")
    .map((cell) => cell.trim());

const tableOf = ([head = "", , ...rows]: readonly string[]): HTMLElement => {
  const cells = (tag: "th" | "td", line: string): HTMLElement[] =>
    cellsOf(line).map((text) => element(tag, tag === "th" ? { scope: "col" } : {}, ...inlineOf(text)));
  const table = element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...cells("th", head))),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...cells("td", row)))),
  );
  return element("div", { class: "table", role: "group", tabindex: "0", "aria-label": "Table" }, table);
};

interface Block {
  readonly node?: HTMLElement;
  /** The line after it. */
  readonly end: number;
}

const listAt = (lines: readonly string[], at: number, tag: "ul" | "ol"): Block => {
  const end = takeWhile(lines, at + 1, (each) => itemOf(each)?.tag === tag || /^ {2,}\S/.test(each));
  const items: string[] = [];
  for (const each of lines.slice(at, end)) {
    const text = itemOf(each)?.text;
    if (text === undefined) items.push(`${items.pop() ?? ""} ${each.trim()}`);
    else items.push(text);
  }
  return { node: element(tag, {}, ...items.map((text) => element("li", {}, ...inlineOf(text)))), end };
};

const blockAt = (lines: readonly string[], at: number): Block => {
  const line = lines[at] ?? "";
  if (line.trim() === "") return { end: at + 1 };
  if (line.startsWith("```")) {
    const end = takeWhile(lines, at + 1, (each) => !each.startsWith("```"));
    const code = element("code", {}, lines.slice(at + 1, end).join("\n"));
    return { node: element("pre", { tabindex: "0", role: "group", "aria-label": "Code" }, code), end: end + 1 };
  }
  const heading = headingOf(line);
  if (heading !== undefined) return { node: heading, end: at + 1 };
  if (isRow(line) && isRule(lines[at + 1] ?? "")) {
    const end = takeWhile(lines, at, isRow);
    return { node: tableOf(lines.slice(at, end)), end };
  }
  const item = itemOf(line);
  if (item !== undefined) return listAt(lines, at, item.tag);
  const end = takeWhile(lines, at + 1, isPlain);
  return { node: element("p", {}, ...inlineOf(lines.slice(at, end).join(" "))), end };
};

/**
 * What READMEs are made of (headings, paragraphs, lists, tables, code, emphasis, links) as elements. HTML in it stays text. The
 * first heading is left out: the page has it already.
 */
export const markdown = (text: string): readonly HTMLElement[] => {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  const nodes: HTMLElement[] = [];
  for (let at = 0; at < lines.length;) {
    const { node, end } = blockAt(lines, at);
    const isTitle = nodes.length === 0 && (lines[at] ?? "").startsWith("# ");
    if (node !== undefined && !isTitle) nodes.push(node);
    at = end;
  }
  return nodes;
};
