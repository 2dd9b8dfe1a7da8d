import type { Assertion, Impairment, TimelineEvent, Topology, TopologyLink, TopologyNode } from "./topology.ts";
import type { WrittenTopology } from "./topology-schema.ts";

type WrittenNode = WrittenTopology["nodes"][string];
type WrittenLink = WrittenTopology["links"][string];
type WrittenEvent = WrittenTopology["timeline"][number];
type WrittenAssertion = WrittenTopology["assertions"][number];
type WrittenImpairment = Pick<WrittenLink, "delay" | "jitter" | "loss" | "rate" | "corruption">;

/** What is written, 0 included: it takes away what would be there otherwise. */
const impairmentOf = ({ delay, jitter, loss, rate, corruption }: WrittenImpairment): Impairment => ({
  ...(delay === undefined ? {} : { delayMilliseconds: delay }),
  ...(jitter === undefined ? {} : { jitterMilliseconds: jitter }),
  ...(loss === undefined ? {} : { lossPercent: loss }),
  ...(rate === undefined ? {} : { rateBitsPerSecond: rate }),
  ...(corruption === undefined ? {} : { corruptionPercent: corruption }),
});

const nodeOf = (name: string, { image, command, environment, limits, healthcheck }: WrittenNode): TopologyNode => ({
  name,
  image,
  ...(command === undefined ? {} : { command }),
  environment: environment ?? {},
  limits: { memoryMegabytes: limits.memory, cpus: limits.cpus, pidsMax: limits.pids },
  ...(healthcheck === undefined
    ? {}
    : {
        healthcheck: {
          command: healthcheck.command,
          intervalSeconds: healthcheck.interval,
          timeoutSeconds: healthcheck.timeout,
          retries: healthcheck.retries,
        },
      }),
});

const linkOf = (name: string, { nodes, directions, ...impairment }: WrittenLink): TopologyLink => ({
  name,
  nodes,
  impairment: impairmentOf(impairment),
  directions: directions.map(({ from, to, ...own }) => ({ from, to, impairment: impairmentOf(own) })),
});

const eventOf = (event: WrittenEvent): TimelineEvent => {
  const when = { atSeconds: event.at, ...(event.for === undefined ? {} : { forSeconds: event.for }) };
  if ("node" in event) return { ...when, kind: "node", node: event.node, action: event.action };
  if ("state" in event) return { ...when, kind: "link", link: event.link, state: event.state };
  return {
    ...{ ...when, kind: "impair", link: event.link },
    ...(event.from === undefined ? {} : { from: event.from }),
    ...(event.to === undefined ? {} : { to: event.to }),
    impairment: impairmentOf(event.impair),
  };
};

const assertionOf = (assertion: WrittenAssertion): Assertion => ({
  name: assertion.name,
  probe: "tcp" in assertion ? { kind: "tcp", ...assertion.tcp } : { kind: "http", ...assertion.http },
  expect: assertion.expect,
  fromSeconds: assertion.from,
  untilSeconds: assertion.until,
});

/** A written topology as the rest of the host has it; names become members, in the file's order. */
export const normalise = ({ name, seed, nodes, links, timeline, assertions }: WrittenTopology): Topology => ({
  name,
  seed,
  nodes: Object.entries(nodes).map(([node, written]) => nodeOf(node, written)),
  links: Object.entries(links).map(([link, written]) => linkOf(link, written)),
  timeline: timeline.map(eventOf),
  assertions: assertions.map(assertionOf),
});
