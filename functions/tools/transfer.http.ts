import { Readable } from "node:stream";
import type { HttpRequest } from "@azure/functions";
import { z } from "zod";
import { parseInput } from "../../shared/gateway/parse-input.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { CatalogStore } from "../../shared/tools/catalog-store.ts";
import { exportTools } from "../../shared/tools/export-tools.ts";
import type { ImportTools } from "../../shared/tools/import-tools.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { ReadCaller } from "../http/read-caller.ts";
import { csvHead, csvLine } from "./csv.ts";
import { importBytesMax, readImport } from "./read-import.ts";

interface Deps {
  readonly readOperator: ReadCaller;
  readonly catalog: CatalogStore;
  readonly importTools: ImportTools;
  readonly catalogChanged: () => void;
}

const ImportQuery = z.strictObject({ dryRun: z.enum(["true", "false"]).default("false") });

const formatOf = (request: HttpRequest): "csv" | "json" => {
  const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (type === "text/csv") return "csv";
  if (type === "application/json") return "json";
  throw new DomainError("invalid-input", "Send the tools as text/csv or application/json.");
};

/** `POST /api/admin/tools/import?dryRun=true|false`: 200 with a report, also when rows were refused. */
export const importToolsHttp = ({ readOperator, importTools, catalogChanged }: Deps): HttpFunction => ({
  name: "import-tools",
  method: "POST",
  route: "api/admin/tools/import",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const { dryRun } = parseInput(ImportQuery, Object.fromEntries(request.query.entries()));
    const format = formatOf(request);
    if (Number(request.headers.get("content-length") ?? 0) > importBytesMax) {
      throw new DomainError("too-large", "An import is at most 1 MB. Send it in parts.");
    }
    const wanted = readImport(await request.arrayBuffer(), format);
    const report = await importTools({ ...wanted, isDryRun: dryRun === "true" });
    catalogChanged();
    return json(200, report);
  },
});

async function* csvExport(catalog: CatalogStore): AsyncGenerator<string> {
  yield csvHead;
  for await (const tool of exportTools(catalog, "plain")) yield csvLine(tool);
}

async function* jsonExport(catalog: CatalogStore): AsyncGenerator<string> {
  const categories = (await catalog.allCategories()).map(({ id, name, description, parent }) => ({
    ...{ id, name, description, parent },
  }));
  yield `{"categories":${JSON.stringify(categories)},"tools":[`;
  let comma = "";
  for await (const tool of exportTools(catalog, "with-parts")) {
    yield `${comma}\n${JSON.stringify(tool)}`;
    comma = ",";
  }
  yield "\n]}\n";
}

async function* asBytes(texts: AsyncGenerator<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const text of texts) yield encoder.encode(text);
}

const ExportQuery = z.strictObject({ format: z.enum(["csv", "json"]).default("json") });
const exported = {
  csv: { type: "text/csv; charset=utf-8", write: csvExport },
  json: { type: "application/json", write: jsonExport },
} as const;

/** `GET /api/admin/tools/export?format=csv|json`: the whole catalog, streamed, in the form that an import takes. */
export const exportToolsHttp = ({ readOperator, catalog }: Deps): HttpFunction => ({
  name: "export-tools",
  method: "GET",
  route: "api/admin/tools/export",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const { format } = parseInput(ExportQuery, Object.fromEntries(request.query.entries()));
    return toolsFile(catalog, format);
  },
});

/** The catalog as a file to be kept. */
export const toolsFile = (catalog: CatalogStore, format: "csv" | "json") => ({
  status: 200,
  headers: {
    "content-type": exported[format].type,
    "content-disposition": `attachment; filename="tools.${format}"`,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  },
  body: Readable.toWeb(Readable.from(asBytes(exported[format].write(catalog)))),
});
