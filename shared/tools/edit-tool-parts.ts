import { DocumentConflict } from "../documents/document-store.ts";
import type { Clock } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { NewId } from "../kernel/ids.ts";
import type { CatalogStore } from "./catalog-store.ts";
import { keyOf } from "./catalog-store.ts";
import type { Evaluation, EvaluationFields, ToolVersion, ToolVersionFields } from "./tool.ts";

/** Versions and evaluations of a tool. They are facts of a moment: added or removed, never rewritten. */
export interface EditToolParts {
  /** @throws DomainError `not-found` (tool), `conflict` (the version is there already, or there are 500) */
  addVersion(toolId: string, fields: ToolVersionFields): Promise<ToolVersion>;
  removeVersion(toolId: string, version: string): Promise<void>;
  /** @throws DomainError `not-found` (tool), `conflict` (there are 500) */
  addEvaluation(toolId: string, fields: EvaluationFields): Promise<Evaluation>;
  removeEvaluation(toolId: string, evaluationId: string): Promise<void>;
}

const partsMax = 500;

export const versionOf = (toolId: string, fields: ToolVersionFields, createdAt: string): ToolVersion => ({
  ...fields,
  id: keyOf(toolId, fields.version),
  kind: "tool-version",
  key: keyOf(toolId, fields.version),
  toolId,
  createdAt,
  origin: null,
});

export const evaluationOf = (toolId: string, id: string, fields: EvaluationFields, createdAt: string): Evaluation => ({
  ...fields,
  id,
  kind: "tool-evaluation",
  key: keyOf(toolId, fields.date, id),
  toolId,
  createdAt,
  origin: null,
});

export const makeEditToolParts = ({
  catalog,
  clock,
  newId,
}: {
  readonly catalog: CatalogStore;
  readonly clock: Clock;
  readonly newId: NewId;
}): EditToolParts => {
  const { versions, evaluations } = catalog;
  const requireRoom = async (toolId: string, present: Promise<readonly unknown[]>): Promise<void> => {
    if ((await catalog.readTool(toolId)) === undefined) {
      throw new DomainError("not-found", "There is no tool with this id.");
    }
    if ((await present).length >= partsMax) {
      throw new DomainError("conflict", `The tool has ${partsMax} of these, which is the most there can be.`);
    }
  };
  return {
    addVersion: async (toolId, fields) => {
      await requireRoom(toolId, catalog.versionsOf(toolId));
      try {
        return (await versions.create(versionOf(toolId, fields, clock().toISOString()))).value;
      } catch (error) {
        if (!(error instanceof DocumentConflict)) throw error;
        throw new DomainError("conflict", `The tool has a version ${fields.version} already.`);
      }
    },
    removeVersion: async (toolId, version) => {
      const found = await versions.read("tool-version", keyOf(toolId, version));
      if (found === undefined) throw new DomainError("not-found", "The tool has no such version.");
      await versions.delete("tool-version", found.value.id, found.etag);
    },
    addEvaluation: async (toolId, fields) => {
      await requireRoom(toolId, catalog.evaluationsOf(toolId));
      return (await evaluations.create(evaluationOf(toolId, newId(), fields, clock().toISOString()))).value;
    },
    removeEvaluation: async (toolId, evaluationId) => {
      const found = await evaluations.read("tool-evaluation", evaluationId);
      if (found?.value.toolId !== toolId) throw new DomainError("not-found", "The tool has no such evaluation.");
      await evaluations.delete("tool-evaluation", evaluationId, found.etag);
    },
  };
};
