import type { Category } from "../category.ts";
import type { Evaluation, Tool, ToolVersion } from "../tool.ts";
import { hashOf } from "./map-record.ts";

/** Of what a migration writes, so without addresses, revisions and instants; the same before it is stored and after. */
export const hashCategory = ({
  name,
  description,
  parent,
}: Pick<Category, "name" | "description" | "parent">): string => hashOf({ name, description, parent });

type ToolHashed = Pick<
  Tool,
  "name" | "description" | "category" | "homepage" | "repository" | "license" | "tags" | "status"
>;
/** The slug is left out: the first one stays, so that addresses do. */
export const hashTool = (tool: ToolHashed): string => {
  const { name, description, category, homepage, repository, license, tags, status } = tool;
  return hashOf({ name, description, category, homepage, repository, license, tags, status });
};

type VersionHashed = Pick<ToolVersion, "toolId" | "version" | "releasedAt" | "notes" | "url">;
export const hashVersion = ({ toolId, version, releasedAt, notes, url }: VersionHashed): string =>
  hashOf({ toolId, version, releasedAt, notes, url });

type EvaluationHashed = Pick<Evaluation, "toolId" | "model" | "date" | "scores" | "summary" | "source">;
export const hashEvaluation = ({ toolId, model, date, scores, summary, source }: EvaluationHashed): string =>
  hashOf({ toolId, model, date, scores, summary, source });
