import type { HttpFunction } from "../http/http-function.ts";
import type { ReadCaller } from "../http/read-caller.ts";
import {
  createCategoryHttp,
  listCategoriesHttp,
  removeCategoryHttp,
  updateCategoryHttp,
} from "./admin-categories.http.ts";
import {
  createToolHttp,
  getToolHttp,
  listAdminToolsHttp,
  publishToolHttp,
  unpublishToolHttp,
  updateToolHttp,
} from "./admin-tools.http.ts";
import { getMigrationHttp, listFindingsHttp, listMigrationsHttp, startMigrationHttp } from "./migrations.http.ts";
import { readCategoriesHttp, readToolHttp, searchToolsHttp } from "./public-tools.http.ts";
import { addEvaluationHttp, addVersionHttp, removeEvaluationHttp, removeVersionHttp } from "./tool-parts.http.ts";
import type { ToolsServices } from "./tools-services.ts";
import { exportToolsHttp, importToolsHttp } from "./transfer.http.ts";

/** The HTTP entries of the tool catalog. */
export const toolsFunctions = (
  deps: ToolsServices & { readonly readOperator: ReadCaller },
): readonly HttpFunction[] => [
  searchToolsHttp(deps),
  readToolHttp(deps),
  readCategoriesHttp(deps),
  listAdminToolsHttp(deps),
  createToolHttp(deps),
  getToolHttp(deps),
  updateToolHttp(deps),
  publishToolHttp(deps),
  unpublishToolHttp(deps),
  addVersionHttp(deps),
  removeVersionHttp(deps),
  addEvaluationHttp(deps),
  removeEvaluationHttp(deps),
  listCategoriesHttp(deps),
  createCategoryHttp(deps),
  updateCategoryHttp(deps),
  removeCategoryHttp(deps),
  importToolsHttp(deps),
  exportToolsHttp(deps),
  startMigrationHttp(deps),
  listMigrationsHttp(deps),
  getMigrationHttp(deps),
  listFindingsHttp(deps),
];
