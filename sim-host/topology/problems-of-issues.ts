import type { z } from "zod";
import type { YamlText } from "../../shared/yaml/yaml-text.ts";
import { shown } from "./plain-words.ts";
import type { Problem } from "./rules.ts";
import { isRule } from "./rules.ts";

type Issue = z.core.$ZodIssue;
type Path = Problem["path"];

const partOf = (part: PropertyKey): string | number => (typeof part === "number" ? part : String(part));

const isMissing = (issue: Issue, path: Path, yaml: YamlText): boolean =>
  (issue.code === "invalid_type" || issue.code === "invalid_value") && !yaml.has(path);

/** How far something is from one form of a union: members it lacks and members that the form does not know. */
const distance = (issues: readonly Issue[], path: Path, yaml: YamlText): number =>
  issues
    .map((issue) => {
      const depth = issue.path.length;
      if (issue.code === "unrecognized_keys") return depth === 0 ? issue.keys.length : 0;
      return depth <= 1 && isMissing(issue, [...path, ...issue.path.map(partOf)], yaml) ? 1 : 0;
    })
    .reduce<number>((sum, each) => sum + each, 0);

/** The complaints of the form that was meant; of the whole union when that cannot be told. */
const problemsOfForms = (forms: readonly (readonly Issue[])[], path: Path, yaml: YamlText): readonly Problem[] => {
  const distances = forms.map((issues) => distance(issues, path, yaml));
  const least = Math.min(...distances);
  const meant = distances.indexOf(least);
  if (distances.lastIndexOf(least) !== meant) return [];
  return problemsOfIssues(forms[meant] ?? [], yaml, path);
};

const problemsOfIssue = (issue: Issue, path: Path, yaml: YamlText): readonly Problem[] => {
  const reason = issue.message;
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        rule: "topology/member-unknown",
        path: [...path, key],
        reason: `There is no member ${shown(key)} here. ${reason}`,
        isAboutKey: true,
      }));
    case "invalid_key":
      return issue.issues.map((inner) => ({
        rule: ruleOf(inner) ?? "topology/name-invalid",
        path,
        reason: inner.message,
        isAboutKey: true,
      }));
    case "invalid_union": {
      const problems = problemsOfForms(issue.errors, path, yaml);
      return problems.length > 0 ? problems : [{ rule: "topology/value-invalid", path, reason }];
    }
    case "too_big":
      return [{ rule: issue.origin === "array" ? "topology/too-many" : "topology/value-invalid", path, reason }];
    default:
      if (!isMissing(issue, path, yaml)) return [{ rule: ruleOf(issue) ?? "topology/value-invalid", path, reason }];
      return [{ rule: "topology/member-missing", path, reason: `Add ${String(path.at(-1))}. ${reason}` }];
  }
};

const ruleOf = (issue: Issue): Problem["rule"] | undefined => {
  const rule: unknown = issue.code === "custom" ? issue.params?.["rule"] : undefined;
  return isRule(rule) ? rule : undefined;
};

/** What the schema found, in words for people and one by one. */
export const problemsOfIssues = (issues: readonly Issue[], yaml: YamlText, base: Path = []): readonly Problem[] =>
  issues.flatMap((issue) => problemsOfIssue(issue, [...base, ...issue.path.map(partOf)], yaml));
