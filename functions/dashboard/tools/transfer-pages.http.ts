import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import { DomainError } from "../../../shared/kernel/errors.ts";
import type { ImportCommand, ImportTools } from "../../../shared/tools/import-tools.ts";
import { isSameText } from "../../../shared/dashboard/sign-in.ts";
import type { HttpFunction } from "../../http/http-function.ts";
import { toProblem } from "../../http/problem.ts";
import { requireOwnPage } from "../read-form.ts";
import type { WritePage } from "../shell.ts";
import type { InVisit, Visit } from "../visits.ts";
import { transferPage } from "./transfer-page.ts";

type Format = "csv" | "json";

export interface TransferPagesDeps {
  readonly inVisit: InVisit;
  readonly writePage: WritePage;
  readonly publicOrigin: string;
  readonly importTools: ImportTools;
  readonly readImport: (bytes: ArrayBuffer, format: Format) => Omit<ImportCommand, "isDryRun">;
  readonly toolsFile: (format: Format) => HttpResponseInit;
  readonly catalogChanged: () => void;
}

/** A file of 1 MB and what the browser writes around it. */
const uploadBytesMax = 1_040_000;

const writeTransfer = (
  { writePage }: TransferPagesDeps,
  { visitor }: Visit,
  status: number,
  shown: Omit<Parameters<typeof transferPage>[0], "formToken"> = {},
): Promise<HttpResponseInit> => {
  const content = transferPage({ ...shown, formToken: visitor.formToken });
  return writePage(status, { title: "Import and export", visitor, content });
};

/** `GET /admin/tools/import` */
export const transferPageHttp = (deps: TransferPagesDeps): HttpFunction => ({
  name: "dashboard-tools-import",
  method: "GET",
  route: "dashboard/tools/import",
  access: "gateway",
  handler: deps.inVisit((visit) => writeTransfer(deps, visit, 200)),
});

/** `GET /admin/tools/export?format=csv|json` */
export const exportPageHttp = ({ inVisit, toolsFile }: TransferPagesDeps): HttpFunction => ({
  name: "dashboard-tools-export",
  method: "GET",
  route: "dashboard/tools/export",
  access: "gateway",
  handler: inVisit((_visit, request) =>
    Promise.resolve(toolsFile(request.query.get("format") === "csv" ? "csv" : "json")),
  ),
});

interface Upload {
  readonly bytes: ArrayBuffer;
  readonly format: Format;
  readonly isDryRun: boolean;
}

const tooLarge = (): DomainError => new DomainError("too-large", "An import is at most 1 MB. Send it in parts.");

/** @throws DomainError `forbidden`, `too-large`, `invalid-input` */
const readUpload = async (request: HttpRequest, publicOrigin: string, formToken: string): Promise<Upload> => {
  requireOwnPage(request, publicOrigin);
  const length = Number(request.headers.get("content-length") ?? Number.NaN);
  if (!(length <= uploadBytesMax)) throw tooLarge();
  const form = await request.formData().catch((cause: unknown) => {
    throw new DomainError("invalid-input", "The form cannot be read.", { cause });
  });
  const token = form.get("formToken");
  if (typeof token !== "string" || !isSameText(token, formToken)) {
    throw new DomainError(
      "forbidden",
      "This form belongs to an earlier session. Go back, reload the page and try again.",
    );
  }
  const file = form.get("file");
  if (file === null || typeof file === "string" || file.size === 0) {
    throw new DomainError("invalid-input", "Choose a file that is not empty.");
  }
  const isJson = file.name.toLowerCase().endsWith(".json") || file.type === "application/json";
  // Trying it out is what a form without a button asks for: nothing is written by mistake.
  return { bytes: await file.arrayBuffer(), format: isJson ? "json" : "csv", isDryRun: form.get("dryRun") !== "false" };
};

/** `POST /admin/tools/import`: a file, tried out or taken. */
export const importPageHttp = (deps: TransferPagesDeps): HttpFunction => ({
  name: "dashboard-tools-take",
  method: "POST",
  route: "dashboard/tools/import",
  access: "gateway",
  handler: deps.inVisit(async (visit, request) => {
    try {
      const { bytes, format, isDryRun } = await readUpload(request, deps.publicOrigin, visit.session.formToken);
      const report = await deps.importTools({ ...deps.readImport(bytes, format), isDryRun });
      deps.catalogChanged();
      return await writeTransfer(deps, visit, 200, { report });
    } catch (error) {
      if (!(error instanceof DomainError) || error.code === "forbidden") throw error;
      const flash = { isGood: false, text: error.message };
      return writeTransfer(deps, visit, toProblem(error).status ?? 400, { flash });
    }
  }),
});
