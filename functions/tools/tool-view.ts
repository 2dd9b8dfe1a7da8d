import type { Category } from "../../shared/tools/category.ts";
import type { Evaluation, Tool, ToolVersion } from "../../shared/tools/tool.ts";
import { newestFirst } from "../../shared/tools/tool.ts";

const versionView = ({ version, releasedAt, notes, url }: ToolVersion) => ({ version, releasedAt, notes, url });

const evaluationView = ({ id, model, date, scores, summary, source }: Evaluation) => ({
  ...{ id, model, date, scores, summary, source },
});

interface Parts {
  readonly versions: readonly ToolVersion[];
  readonly evaluations: readonly Evaluation[];
}

/** What anybody sees of a published tool. */
export const publicToolView = (tool: Tool, { versions, evaluations }: Parts) => {
  const { id, slug, name, description, category, homepage, repository, license, tags } = tool;
  return {
    ...{ id, slug, name, description, category, homepage, repository, license, tags },
    updatedAt: tool.updatedAt,
    publishedAt: tool.publishedAt,
    versions: newestFirst(versions).map(versionView),
    evaluations: evaluations.map(evaluationView),
  };
};

/** What operators see of a tool. */
export const toolView = (tool: Tool, parts?: Parts) => {
  const { kind: _, key: __, ...facts } = tool;
  if (parts === undefined) return facts;
  return {
    ...facts,
    versions: newestFirst(parts.versions).map(versionView),
    evaluations: parts.evaluations.map(evaluationView),
  };
};

export const categoryView = ({ kind: _, key: __, ...facts }: Category) => facts;
