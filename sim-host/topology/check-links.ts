import { shown } from "./plain-words.ts";
import type { Problem } from "./rules.ts";
import type { Impairment, Topology, TopologyLink } from "./topology.ts";

type Path = Problem["path"];

export const unknownName = (what: "node" | "link", path: Path, name: string, among: readonly string[]): Problem => ({
  rule: `topology/${what}-unknown`,
  path,
  reason: `There is no ${what} ${shown(name)}.`,
  unknown: { name, among, advice: `Add it to ${what}s, or name another one.` },
});

const jitterProblem = (
  path: Path,
  { delayMilliseconds = 0, jitterMilliseconds = 0 }: Impairment,
): readonly Problem[] =>
  jitterMilliseconds <= delayMilliseconds
    ? []
    : [
        {
          rule: "topology/jitter-exceeds-delay",
          path: [...path, "jitter"],
          reason: "A delay is never below 0: with more jitter than delay it varies less than it says. Raise the delay.",
        },
      ];

const twice = (link: TopologyLink): readonly Problem[] =>
  link.nodes.flatMap((node, index): readonly Problem[] =>
    link.nodes.indexOf(node) === index
      ? []
      : [
          {
            rule: "topology/node-twice",
            path: ["links", link.name, "nodes", index],
            reason: `${node} is on this link already. Remove one of them.`,
          },
        ],
  );

/** A direction leads from one node of the link to another one; `from` and `to` may each be left open. */
export const directionProblems = (
  link: TopologyLink,
  path: Path,
  ends: { readonly from?: string; readonly to?: string },
): readonly Problem[] => {
  const off = (["from", "to"] as const).flatMap((end): readonly Problem[] => {
    const node = ends[end];
    if (node === undefined || link.nodes.includes(node)) return [];
    const reason = `${shown(node)} is not on the link ${link.name}. Name one of: ${link.nodes.join(", ")}.`;
    return [{ rule: "topology/direction-invalid", path: [...path, end], reason }];
  });
  if (ends.from === undefined || ends.from !== ends.to) return off;
  const reason = "A direction leads from one node to another one. Name two different nodes.";
  return [...off, { rule: "topology/direction-invalid", path: [...path, "to"], reason }];
};

const directions = (link: TopologyLink): readonly Problem[] => {
  const seen = new Set<string>();
  return link.directions.flatMap(({ from, to, impairment }, index): readonly Problem[] => {
    const path = ["links", link.name, "directions", index];
    const key = `${from} ${to}`;
    const isTwice = seen.has(key);
    seen.add(key);
    const isOfOwn = impairment.delayMilliseconds !== undefined || impairment.jitterMilliseconds !== undefined;
    const reason = `What happens from ${from} to ${to} is said already. Remove one of them.`;
    return [
      ...directionProblems(link, path, { from, to }),
      ...(isTwice ? [{ rule: "topology/direction-twice" as const, path, reason }] : []),
      ...(isOfOwn ? jitterProblem(path, { ...link.impairment, ...impairment }) : []),
    ];
  });
};

/** What is wrong between links and nodes. */
export const checkLinks = ({ nodes, links }: Topology): readonly Problem[] => {
  const names = nodes.map(({ name }) => name);
  const known = new Set(names);
  const linked = new Set(links.flatMap((link) => link.nodes));
  const ofLinks = links.flatMap((link): readonly Problem[] => [
    ...link.nodes.flatMap((node, index) =>
      known.has(node) ? [] : [unknownName("node", ["links", link.name, "nodes", index], node, names)],
    ),
    ...twice(link),
    ...directions(link),
    ...jitterProblem(["links", link.name], link.impairment),
  ]);
  const alone = names
    .filter((name) => !linked.has(name))
    .map((name): Problem => {
      const reason = `${name} is on no link: nothing reaches it. Name it in a link.`;
      return { rule: "topology/node-alone", path: ["nodes", name], reason, isAboutKey: true };
    });
  return [...ofLinks, ...alone];
};
