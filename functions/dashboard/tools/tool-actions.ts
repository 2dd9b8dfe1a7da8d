import { parseInput } from "../../../shared/gateway/parse-input.ts";
import { DomainError } from "../../../shared/kernel/errors.ts";
import type { EditToolParts } from "../../../shared/tools/edit-tool-parts.ts";
import type { EditTool } from "../../../shared/tools/edit-tool.ts";
import { EvaluationFields, ToolFields, ToolVersionFields } from "../../../shared/tools/tool.ts";
import type { Typed } from "./tool-forms.ts";

interface Services {
  readonly editTool: EditTool;
  readonly editToolParts: EditToolParts;
}

/** Does what a form asks for; answers the id of the tool it was about. */
type Act = (services: Services, fields: Typed, id: string) => Promise<string>;

const orNull = (text = ""): string | null => (text.trim() === "" ? null : text.trim());

const toolFields = (fields: Typed): ToolFields => {
  const { name, slug, description = "", category, homepage, repository, license, tags = "" } = fields;
  const list = tags.split(",").map((tag) => tag.trim());
  return parseInput(ToolFields, {
    ...{ name, slug, description },
    category: orNull(category),
    homepage: orNull(homepage),
    repository: orNull(repository),
    license: orNull(license),
    tags: list.filter((tag) => tag !== ""),
  });
};

/** `safety 90, docs 75` as scores. @throws DomainError `invalid-input` */
const scoresOf = (text: string): Record<string, number> =>
  Object.fromEntries(
    text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== "")
      .map((part) => {
        const [, name, value] = /^([a-z0-9-]+)[\s:=]+(\d+(?:\.\d+)?)$/.exec(part) ?? [];
        if (name !== undefined && value !== undefined) return [name, Number(value)];
        throw new DomainError("invalid-input", `"${part.slice(0, 60)}" is no score such as: safety 90`);
      }),
  );

const revisionOf = ({ revision = "" }: Typed): number => {
  if (/^\d{1,15}$/.test(revision)) return Number(revision);
  throw new DomainError("invalid-input", "The form names no revision.");
};

export const toolActions = {
  create: async ({ editTool }, fields) => (await editTool.create(toolFields(fields))).id,
  save: async ({ editTool }, fields, id) => (await editTool.update(id, revisionOf(fields), toolFields(fields))).id,
  publish: async ({ editTool }, fields, id) => (await editTool.setStatus(id, revisionOf(fields), "published")).id,
  unpublish: async ({ editTool }, fields, id) => (await editTool.setStatus(id, revisionOf(fields), "draft")).id,
  "add-version": async ({ editToolParts }, { version, notes, releasedAt }, id) => {
    const fields = parseInput(ToolVersionFields, { version, notes, releasedAt: orNull(releasedAt) });
    return (await editToolParts.addVersion(id, fields)).toolId;
  },
  "remove-version": async ({ editToolParts }, { version = "" }, id) => {
    await editToolParts.removeVersion(id, version);
    return id;
  },
  "add-evaluation": async ({ editToolParts }, { model, date, scores = "", summary, source }, id) => {
    const fields = parseInput(EvaluationFields, { model, date, scores: scoresOf(scores), summary, source });
    return (await editToolParts.addEvaluation(id, fields)).toolId;
  },
  "remove-evaluation": async ({ editToolParts }, { evaluationId = "" }, id) => {
    await editToolParts.removeEvaluation(id, evaluationId);
    return id;
  },
} as const satisfies Readonly<Record<string, Act>>;

export type ToolActionName = keyof typeof toolActions;
export const isToolAction = (name: string): name is ToolActionName => Object.hasOwn(toolActions, name);

export const toolDoneWords: Readonly<Record<ToolActionName, string>> = {
  create: "The draft is created.",
  save: "The tool is saved.",
  publish: "The tool is published.",
  unpublish: "The tool is a draft again.",
  "add-version": "The version is added.",
  "remove-version": "The version is removed.",
  "add-evaluation": "The evaluation is added.",
  "remove-evaluation": "The evaluation is removed.",
};
