import { Document, isMap, parseDocument } from "yaml";
import type { RepairStep } from "./kits-api.ts";

const pathOf = (pointer: string): readonly string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));

/** The spec with a finding's repair (RFC 6902) applied; comments, order and style stay. */
export const applyRepair = (text: string, repair: readonly RepairStep[]): string => {
  const parsed: Document = parseDocument(text);
  // What is no mapping at all has nothing that a member could be put into.
  const document = isMap(parsed.contents) ? parsed : new Document({});
  for (const { op, path, value } of repair) {
    if (op === "remove") document.deleteIn(pathOf(path));
    // A plain value takes the place of the old one inside its node, which keeps the comment.
    else document.setIn(pathOf(path), typeof value === "object" ? document.createNode(value) : value);
  }
  return document.toString({ lineWidth: 0 });
};
