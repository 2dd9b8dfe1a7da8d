import type { TextPosition } from "../../shared/yaml/text-position.ts";
import type { YamlText } from "../../shared/yaml/yaml-text.ts";
import type { Finding } from "./finding.ts";
import type { Problem } from "./rules.ts";
import { findingOf, severities } from "./rules.ts";

const findingsMax = 100;

interface Located {
  readonly problem: Problem;
  readonly at: TextPosition;
}

/** Findings in the order of the text. More than people read are counted only. */
export const findingsOf = (located: readonly Located[]): readonly Finding[] => {
  const sorted = located.toSorted(
    ({ at: left }, { at: right }) => left.line - right.line || left.column - right.column,
  );
  const findings = sorted.slice(0, findingsMax).map(({ problem, at }) => findingOf(problem, at));
  const rest = sorted.slice(findingsMax);
  const [next] = rest;
  if (next === undefined) return findings;
  const errors = rest.filter(({ problem }) => severities[problem.rule] === "error").length;
  const reason = `From here on there are ${rest.length} more, ${errors} of them errors.`;
  return [...findings, findingOf({ rule: "topology/more", path: [], reason }, next.at)];
};

/** Problems where they are in the text; what is missing is shown at its parent. */
export const locateProblems = (problems: readonly Problem[], yaml: YamlText): readonly Finding[] =>
  findingsOf(
    problems.map((problem) => ({
      problem,
      at: problem.isAboutKey === true ? yaml.keyPositionOf(problem.path) : yaml.positionOf(problem.path),
    })),
  );
