import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { ImportedTool, ImportRow } from "../../shared/tools/import-tools.ts";

const columns = [
  ...["slug", "name", "description", "category", "homepage", "repository"],
  ...["license", "tags", "status"],
] as const;

/** A cell that begins like this is a formula to spreadsheets (OWASP, CSV injection). */
const formula = /^['\s]*[=+\-@\t\r]/;
const guarded = /^'(?=['\s]*[=+\-@\t\r])/;

/** An apostrophe in front makes text of it; an import takes it away again. */
export const guardCell = (cell: string): string => (formula.test(cell) ? `'${cell}` : cell);
export const unguardCell = (cell: string): string => cell.replace(guarded, "");

const tagSeparator = ";";

export const csvHead = stringify([columns], { bom: true });

export const csvLine = (tool: ImportedTool): string => {
  const cells: Readonly<Record<(typeof columns)[number], string>> = {
    slug: tool.slug,
    name: tool.name,
    description: tool.description,
    category: tool.category ?? "",
    homepage: tool.homepage ?? "",
    repository: tool.repository ?? "",
    license: tool.license ?? "",
    tags: tool.tags.join(tagSeparator),
    status: tool.status,
  };
  return stringify([columns.map((column) => guardCell(cells[column]))]);
};

const isText = (value: unknown): value is string => typeof value === "string";

/** Every line with the columns of the head line. @throws DomainError `invalid-input` */
const parseCsv = (body: string): readonly { readonly cells: Record<string, unknown>; readonly row: number }[] => {
  try {
    const parsed: { readonly record: Record<string, unknown>; readonly info: { readonly lines: number } }[] = parse(
      body,
      { columns: true, bom: true, info: true, relax_column_count_less: true, skip_empty_lines: true },
    );
    return parsed.map(({ record, info }) => ({ cells: record, row: info.lines }));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "it cannot be read";
    throw new DomainError("invalid-input", `This is not a CSV file: ${reason.slice(0, 200)}`, { cause });
  }
};

/** An empty cell is an absent member: its default is what counts. Columns nobody knows are refused by the schema. */
const rowOf = (cells: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(cells).flatMap(([column, cell]): readonly (readonly [string, unknown])[] => {
      const value = isText(cell) ? unguardCell(cell) : "";
      if (value === "") return [];
      if (column !== "tags") return [[column, value]];
      const tags = value.split(tagSeparator).map((tag) => tag.trim());
      return [[column, tags.filter((tag) => tag !== "")]];
    }),
  );

/** The tools of a CSV file, each with the line it ends on. @throws DomainError `invalid-input` */
export const readCsv = (body: string): readonly ImportRow[] =>
  parseCsv(body).map(({ cells, row }) => ({ row, value: rowOf(cells) }));
