import type { DocumentContainer } from "../../documents/document-store.ts";
import { evaluationOf, versionOf } from "../edit-tool-parts.ts";
import type { Origin } from "../tool.ts";
import { hashEvaluation, hashVersion } from "./hashed.ts";
import { mapEvaluation, mapVersion, stableId } from "./map-record.ts";
import type { Outcome, PutDeps, PutRecord } from "./put-tool.ts";

/** Whether the tool a part belongs to is, or in a dry run would be, in the catalog. */
export type HasTool = (toolRecordId: string) => Promise<boolean>;

interface Part {
  readonly id: string;
  readonly kind: string;
  readonly origin: Origin | null;
}

const gone = (toolRecordId: string) =>
  ({
    code: "tool-missing",
    detail: `its tool ${toolRecordId.slice(0, 100)} is not there, or could not be mapped`,
  }) as const;

const makePut =
  ({ isDryRun, note }: PutDeps) =>
  async <T extends Part>(container: DocumentContainer<T>, recordId: string, part: T): Promise<Outcome> => {
    const found = await container.read(part.kind, part.id);
    if (found === undefined) {
      if (isDryRun) note(recordId, { code: "would-create", detail: part.id });
      else await container.create(part);
      return "created";
    }
    if (found.value.origin?.recordId !== recordId) {
      const other = found.value.origin === null ? "was entered here" : `is the record ${found.value.origin.recordId}`;
      note(recordId, { code: "version-duplicate", detail: `the same version of the same tool ${other}` });
      return "unmapped";
    }
    if (found.value.origin.hash === part.origin?.hash) return "unchanged";
    if (isDryRun) note(recordId, { code: "would-update", detail: part.id });
    else await container.replace(part, found.etag);
    return "updated";
  };

const makeInsideTool =
  ({ note }: PutDeps, hasTool: HasTool) =>
  async (recordId: string, toolRecordId: string) => {
    if (await hasTool(toolRecordId)) return true;
    note(recordId, gone(toolRecordId));
    return false;
  };

export const makePutVersion = (deps: PutDeps, hasTool: HasTool): PutRecord => {
  const { catalog, clock, source, plan, note } = deps;
  const put = makePut(deps);
  const isInside = makeInsideTool(deps, hasTool);
  return async (record) => {
    const { contents, remarks } = mapVersion(record, plan);
    for (const remark of remarks) note(record.id, remark);
    if (contents === undefined || !(await isInside(record.id, contents.toolRecordId))) return "unmapped";
    const { toolRecordId, ...fields } = contents;
    const version = versionOf(stableId(source, "tool", toolRecordId), fields, clock().toISOString());
    const origin = { source, recordId: record.id, hash: hashVersion(version), revision: 0 };
    return put(catalog.versions, record.id, { ...version, origin });
  };
};

export const makePutEvaluation = (deps: PutDeps, hasTool: HasTool): PutRecord => {
  const { catalog, clock, source, plan, note } = deps;
  const put = makePut(deps);
  const isInside = makeInsideTool(deps, hasTool);
  return async (record) => {
    const { contents, remarks } = mapEvaluation(record, plan);
    for (const remark of remarks) note(record.id, remark);
    if (contents === undefined || !(await isInside(record.id, contents.toolRecordId))) return "unmapped";
    const { toolRecordId, ...fields } = contents;
    const id = stableId(source, "tool-evaluation", record.id);
    const toolId = stableId(source, "tool", toolRecordId);
    const evaluation = evaluationOf(toolId, id, fields, clock().toISOString());
    const origin = { source, recordId: record.id, hash: hashEvaluation(evaluation), revision: 0 };
    return put(catalog.evaluations, record.id, { ...evaluation, origin });
  };
};
