import { z } from "zod";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { ImportCommand, ImportRow } from "../../shared/tools/import-tools.ts";
import { readCsv } from "./csv.ts";

/** The gateway's own limit for administration is a little above. */
export const importBytesMax = 1_000_000;

const JsonImport = z.strictObject({
  categories: z.array(z.unknown()).default([]),
  tools: z.array(z.unknown()).default([]),
});

const numbered = (values: readonly unknown[]): readonly ImportRow[] =>
  values.map((value, index) => ({ row: index + 1, value }));

const readJsonImport = (text: string): Omit<ImportCommand, "isDryRun"> => {
  try {
    const { categories, tools } = JsonImport.parse(JSON.parse(text));
    return { categories: numbered(categories), tools: numbered(tools) };
  } catch (cause) {
    throw new DomainError("invalid-input", 'Send JSON of the form {"categories": [...], "tools": [...]}.', { cause });
  }
};

/** The text of a file. @throws DomainError `too-large`, `invalid-input` (not UTF-8) */
const decode = (bytes: ArrayBuffer): string => {
  if (bytes.byteLength > importBytesMax) {
    throw new DomainError("too-large", "An import is at most 1 MB. Send it in parts.");
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new DomainError("invalid-input", "The file is not valid UTF-8 text.", { cause });
  }
};

/** What a file asks for. @throws DomainError `too-large`, `invalid-input` */
export const readImport = (bytes: ArrayBuffer, format: "csv" | "json"): Omit<ImportCommand, "isDryRun"> => {
  const text = decode(bytes);
  return format === "csv" ? { categories: [], tools: readCsv(text) } : readJsonImport(text);
};
