import type { DocumentStore } from "../../shared/documents/document-store.ts";
import type { Clock } from "../../shared/kernel/clock.ts";
import type { NewId } from "../../shared/kernel/ids.ts";
import type { CatalogStore } from "../../shared/tools/catalog-store.ts";
import { openCatalogStore } from "../../shared/tools/catalog-store.ts";
import type { EditCategory } from "../../shared/tools/edit-category.ts";
import { makeEditCategory } from "../../shared/tools/edit-category.ts";
import type { EditToolParts } from "../../shared/tools/edit-tool-parts.ts";
import { makeEditToolParts } from "../../shared/tools/edit-tool-parts.ts";
import type { EditTool } from "../../shared/tools/edit-tool.ts";
import { makeEditTool } from "../../shared/tools/edit-tool.ts";
import type { ImportTools } from "../../shared/tools/import-tools.ts";
import { makeImportTools } from "../../shared/tools/import-tools.ts";
import type { WordIndex } from "../../shared/tools/ports.ts";
import type { SearchTools } from "../../shared/tools/search-tools.ts";
import { makeSearchTools } from "../../shared/tools/search-tools.ts";
import { makeWarmCatalogs } from "../../shared/tools/warm-catalog.ts";

interface ToolsParts {
  readonly documents: DocumentStore;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly newWordIndex: () => WordIndex;
}

export interface ToolsServices {
  readonly catalog: CatalogStore;
  readonly editTool: EditTool;
  readonly editToolParts: EditToolParts;
  readonly editCategory: EditCategory;
  readonly importTools: ImportTools;
  readonly searchTools: SearchTools;
  /** To be called after every write, so that who wrote sees it at once. */
  readonly catalogChanged: () => void;
}

/** The use cases of the tool catalog, wired once. */
export const buildToolsServices = ({ documents, clock, newId, newWordIndex }: ToolsParts): ToolsServices => {
  const catalog = openCatalogStore(documents);
  const deps = { catalog, clock, newId };
  const editTool = makeEditTool(deps);
  const editToolParts = makeEditToolParts(deps);
  const editCategory = makeEditCategory(deps);
  const warm = makeWarmCatalogs({ catalog, clock, newWordIndex });
  return {
    catalog,
    editTool,
    editToolParts,
    editCategory,
    importTools: makeImportTools({ catalog, editTool, editToolParts, editCategory }),
    searchTools: makeSearchTools({ warm }),
    catalogChanged: () => warm.changed(),
  };
};
