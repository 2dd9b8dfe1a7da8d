import { createMany } from "../../documents/create-many.ts";
import type { DocumentContainer } from "../../documents/document-store.ts";
import { evaluationOf, versionOf } from "../edit-tool-parts.ts";
import { inParallel } from "../in-parallel.ts";
import type { Evaluation, Origin, ToolVersion } from "../tool.ts";
import { hashEvaluation, hashVersion } from "./hashed.ts";
import { mapEvaluation, mapVersion, stableId } from "./map-record.ts";
import type { Outcome, PutDeps, PutPage } from "./put-tool.ts";
import { readsAtOnceMax } from "./put-tool.ts";
import type { SourceRecord } from "./source.ts";

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

interface Wanted<T> {
  readonly recordId: string;
  readonly part: T;
}

/** New ones together; those that are there, or that the same page names twice, one by one. */
const makePut =
  ({ isDryRun, note }: PutDeps) =>
  async <T extends Part>(
    container: DocumentContainer<T>,
    page: readonly (Wanted<T> | undefined)[],
  ): Promise<readonly Outcome[]> => {
    const merge = async ({ recordId, part }: Wanted<T>): Promise<Outcome | undefined> => {
      const found = await container.read(part.kind, part.id);
      if (found === undefined) return undefined;
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
    const outcomes = [...(await inParallel(page, readsAtOnceMax, async (each) => each && merge(each)))];
    const isNew = (index: number): boolean => page[index] !== undefined && outcomes[index] === undefined;
    const news = page.flatMap((each, index) => (each !== undefined && isNew(index) ? [{ ...each, index }] : []));
    if (isDryRun) {
      for (const { recordId, part, index } of news) {
        note(recordId, { code: "would-create", detail: part.id });
        outcomes[index] = "created";
      }
    } else {
      const isCreated = await createMany(
        container,
        news.map(({ part }) => part),
      );
      for (const [at, wanted] of news.entries()) {
        outcomes[wanted.index] = isCreated[at] === true ? "created" : await merge(wanted);
      }
    }
    return outcomes.map((outcome) => outcome ?? "unmapped");
  };

const makeInsideTool =
  ({ note }: PutDeps, hasTool: HasTool) =>
  async (recordId: string, toolRecordId: string) => {
    if (await hasTool(toolRecordId)) return true;
    note(recordId, gone(toolRecordId));
    return false;
  };

export const makePutVersion = (deps: PutDeps, hasTool: HasTool): PutPage => {
  const { catalog, clock, source, plan, note } = deps;
  const put = makePut(deps);
  const isInside = makeInsideTool(deps, hasTool);
  const wantedOf = async (record: SourceRecord): Promise<Wanted<ToolVersion> | undefined> => {
    const { contents, remarks } = mapVersion(record, plan);
    for (const remark of remarks) note(record.id, remark);
    if (contents === undefined || !(await isInside(record.id, contents.toolRecordId))) return undefined;
    const { toolRecordId, ...fields } = contents;
    const version = versionOf(stableId(source, "tool", toolRecordId), fields, clock().toISOString());
    const origin = { source, recordId: record.id, hash: hashVersion(version), revision: 0 };
    return { recordId: record.id, part: { ...version, origin } };
  };
  return async (page) => put(catalog.versions, await inParallel(page, readsAtOnceMax, wantedOf));
};

export const makePutEvaluation = (deps: PutDeps, hasTool: HasTool): PutPage => {
  const { catalog, clock, source, plan, note } = deps;
  const put = makePut(deps);
  const isInside = makeInsideTool(deps, hasTool);
  const wantedOf = async (record: SourceRecord): Promise<Wanted<Evaluation> | undefined> => {
    const { contents, remarks } = mapEvaluation(record, plan);
    for (const remark of remarks) note(record.id, remark);
    if (contents === undefined || !(await isInside(record.id, contents.toolRecordId))) return undefined;
    const { toolRecordId, ...fields } = contents;
    const id = stableId(source, "tool-evaluation", record.id);
    const toolId = stableId(source, "tool", toolRecordId);
    const evaluation = evaluationOf(toolId, id, fields, clock().toISOString());
    const origin = { source, recordId: record.id, hash: hashEvaluation(evaluation), revision: 0 };
    return { recordId: record.id, part: { ...evaluation, origin } };
  };
  return async (page) => put(catalog.evaluations, await inParallel(page, readsAtOnceMax, wantedOf));
};
