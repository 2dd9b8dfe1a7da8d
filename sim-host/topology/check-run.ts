import { directionProblems, unknownName } from "./check-links.ts";
import { shown } from "./plain-words.ts";
import type { Problem } from "./rules.ts";
import type { Assertion, TimelineEvent, Topology } from "./topology.ts";
import { runSecondsMax } from "./written-values.ts";

type Path = Problem["path"];

/** What is undone after a time: a pause, a link that is down, an impairment. A killed node is not as it was. */
const isUndone = (event: TimelineEvent): boolean => {
  if (event.kind === "node") return event.action === "pause";
  return event.kind === "impair" || event.state === "down";
};

const checkFor = (event: TimelineEvent, path: Path): readonly Problem[] => {
  if (event.forSeconds === undefined) return [];
  if (!isUndone(event)) {
    const what = event.kind === "node" ? event.action : "up";
    const reason = `What "${what}" does is not undone by itself. Remove "for" and add an event of its own.`;
    return [{ rule: "topology/for-senseless", path: [...path, "for"], reason }];
  }
  if (event.atSeconds + event.forSeconds <= runSecondsMax) return [];
  const reason = "It would end after more than 24 hours. Shorten it.";
  return [{ rule: "topology/too-late", path: [...path, "for"], reason }];
};

const checkEvent = (event: TimelineEvent, index: number, { nodes, links }: Topology): readonly Problem[] => {
  const path: Path = ["timeline", index];
  const duration = checkFor(event, path);
  if (event.kind === "node") {
    const names = nodes.map(({ name }) => name);
    if (names.includes(event.node)) return duration;
    return [...duration, unknownName("node", [...path, "node"], event.node, names)];
  }
  const link = links.find(({ name }) => name === event.link);
  if (link === undefined) {
    const known = links.map(({ name }) => name);
    return [...duration, unknownName("link", [...path, "link"], event.link, known)];
  }
  return event.kind === "impair" ? [...duration, ...directionProblems(link, path, event)] : duration;
};

const checkProbe = ({ probe, expect }: Assertion, index: number, { nodes, links }: Topology): readonly Problem[] => {
  const path: Path = ["assertions", index, probe.kind];
  const names = nodes.map(({ name }) => name);
  const unknown = (["from", "to"] as const).filter((end) => !names.includes(probe[end]));
  if (unknown.length > 0) return unknown.map((end) => unknownName("node", [...path, end], probe[end], names));
  const isReachable = links.some((link) => link.nodes.includes(probe.from) && link.nodes.includes(probe.to));
  if (isReachable || expect === "never") return [];
  const reason = `${probe.from} and ${probe.to} share no link, so this can never be seen. Link them, or expect never.`;
  return [{ rule: "topology/never-reachable", path: [...path, "to"], reason }];
};

const checkAssertion = (assertion: Assertion, index: number, topology: Topology): readonly Problem[] => {
  const first = topology.assertions.findIndex(({ name }) => name === assertion.name);
  const isEmpty = assertion.untilSeconds <= assertion.fromSeconds;
  const taken = `There is another assertion "${shown(assertion.name)}". Give each its own name.`;
  const empty = '"until" must be later than "from": nothing is looked at otherwise.';
  return [
    ...(first === index
      ? []
      : [{ rule: "topology/assertion-twice" as const, path: ["assertions", index, "name"], reason: taken }]),
    ...(isEmpty
      ? [{ rule: "topology/window-empty" as const, path: ["assertions", index, "until"], reason: empty }]
      : []),
    ...checkProbe(assertion, index, topology),
  ];
};

/** What is wrong with the timeline and the assertions of a run. */
export const checkRun = (topology: Topology): readonly Problem[] => [
  ...topology.timeline.flatMap((event, index) => checkEvent(event, index, topology)),
  ...topology.assertions.flatMap((assertion, index) => checkAssertion(assertion, index, topology)),
];
