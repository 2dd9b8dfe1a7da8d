import type { YamlFault } from "../../shared/yaml/read-yaml.ts";
import { readYaml } from "../../shared/yaml/read-yaml.ts";
import { positionsIn } from "../../shared/yaml/text-position.ts";
import type { YamlText } from "../../shared/yaml/yaml-text.ts";
import { checkLinks } from "./check-links.ts";
import { checkRun } from "./check-run.ts";
import type { Finding } from "./finding.ts";
import { findingsOf, locateProblems } from "./locate-problems.ts";
import { normalise } from "./normalise.ts";
import { inPlainWords, shown } from "./plain-words.ts";
import { problemsOfIssues } from "./problems-of-issues.ts";
import type { Problem, Rule } from "./rules.ts";
import { findingOf, severities } from "./rules.ts";
import { textProblem } from "./text-problem.ts";
import type { Topology } from "./topology.ts";
import { countsMax, WrittenTopology } from "./topology-schema.ts";
import { refusedKeys } from "./written-values.ts";

/** What the host has that a topology may name. */
export interface TopologyHost {
  /** Names of images on the host's allow-list. */
  readonly images: readonly string[];
}

export type ReadTopology =
  /** Findings are warnings, if there are any. */
  | { readonly kind: "read"; readonly topology: Topology; readonly findings: readonly Finding[] }
  | { readonly kind: "invalid"; readonly findings: readonly Finding[] };

const imagesShownMax = 20;
const countsText = `A topology has at most ${countsMax.nodes} nodes, ${countsMax.links} links, ${countsMax.timeline} events and ${countsMax.assertions} assertions.`;

const faultRules: Readonly<Record<YamlFault["kind"], Rule>> = {
  syntax: "topology/syntax",
  "not-a-mapping": "topology/not-a-mapping",
  alias: "topology/alias",
  "key-twice": "topology/key-twice",
  "key-refused": "topology/key-refused",
  "too-deep": "topology/too-deep",
  "too-many-parts": "topology/too-many",
};
const faultReasons: Partial<Readonly<Record<YamlFault["kind"], string>>> = {
  "not-a-mapping": "A topology is a mapping of members: name, nodes, links, timeline, assertions.",
  "key-twice": "This key is there twice. Remove one of them, or give it another name.",
  "too-many-parts": countsText,
};

const tooMany = (yaml: YamlText): readonly Problem[] =>
  (["nodes", "links", "timeline", "assertions"] as const)
    .filter((member) => yaml.size([member]) > countsMax[member])
    .map((member) => ({
      rule: "topology/too-many",
      path: [member],
      reason: `These are ${yaml.size([member])}. ${countsText}`,
    }));

const checkImages = ({ nodes }: Topology, { images }: TopologyHost): readonly Problem[] =>
  nodes
    .filter(({ image }) => !images.includes(image))
    .map(({ name, image }) => ({
      rule: "topology/image-unknown",
      path: ["nodes", name, "image"],
      reason: `The host has no image ${shown(image)}.`,
      unknown: { name: image, among: images, advice: `Choose one of: ${images.slice(0, imagesShownMax).join(", ")}.` },
    }));

const readData = (yaml: YamlText, host: TopologyHost): ReadTopology => {
  const crowd = tooMany(yaml);
  if (crowd.length > 0) return { kind: "invalid", findings: locateProblems(crowd, yaml) };
  const parsed = WrittenTopology.safeParse(yaml.data(), { error: inPlainWords });
  if (!parsed.success) {
    return { kind: "invalid", findings: locateProblems(problemsOfIssues(parsed.error.issues, yaml), yaml) };
  }
  const topology = normalise(parsed.data);
  const problems = [...checkImages(topology, host), ...checkLinks(topology), ...checkRun(topology)];
  const findings = locateProblems(problems, yaml);
  const isValid = problems.every(({ rule }) => severities[rule] !== "error");
  return isValid ? { kind: "read", topology, findings } : { kind: "invalid", findings };
};

/**
 * Reads a topology, YAML or JSON, and checks all that can be known without an engine. Pure, and bounded in time and
 * memory whatever the text says.
 */
export const readTopology = (text: string, host: TopologyHost): ReadTopology => {
  const unread = textProblem(text);
  if (unread !== undefined) {
    const problem = { rule: unread.rule, path: [], reason: unread.reason };
    return { kind: "invalid", findings: [findingOf(problem, positionsIn(text)(unread.offset))] };
  }
  const read = readYaml(text, { refusedKeys });
  if (read.kind === "unreadable") {
    const located = read.faults.map(({ kind, path, reason, ...at }) => ({
      problem: { rule: faultRules[kind], path, reason: faultReasons[kind] ?? shown(reason, 300) },
      at,
    }));
    return { kind: "invalid", findings: findingsOf(located) };
  }
  // Tags and directives that are not known here: what the author meant by them would be lost.
  const { warnings } = read.yaml;
  if (warnings.length === 0) return readData(read.yaml, host);
  const located = warnings.map(({ reason, ...at }) => ({
    problem: { rule: "topology/syntax" as const, path: [], reason: shown(reason, 300) },
    at,
  }));
  return { kind: "invalid", findings: findingsOf(located) };
};
