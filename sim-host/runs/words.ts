import type { Assertion, Impairment, TimelineEvent } from "../topology/topology.ts";

const units = [
  { member: "delayMilliseconds", say: (value: number) => `delay ${value} ms` },
  { member: "jitterMilliseconds", say: (value: number) => `jitter ${value} ms` },
  { member: "lossPercent", say: (value: number) => `loss ${value} %` },
  { member: "rateBitsPerSecond", say: (value: number) => `rate ${rateText(value)}` },
  { member: "corruptionPercent", say: (value: number) => `corruption ${value} %` },
] as const;

const rateText = (bits: number): string => {
  if (bits >= 1_000_000) return `${bits / 1_000_000} Mbit/s`;
  return bits >= 1_000 ? `${bits / 1_000} kbit/s` : `${bits} bit/s`;
};

const impairmentText = (impairment: Impairment): string => {
  const said = units.flatMap(({ member, say }) => {
    const value = impairment[member];
    return value === undefined ? [] : [say(value)];
  });
  return said.length === 0 ? "nothing" : said.join(", ");
};

const directionText = (from: string | undefined, to: string | undefined): string =>
  `${from === undefined ? "" : ` from ${from}`}${to === undefined ? "" : ` to ${to}`}`;

/** What happens to a link or a node, as in `front: loss 100 % from client to web`. */
export const faultText = (event: TimelineEvent): string => {
  if (event.kind === "node") return `${event.node}: ${event.action}`;
  if (event.kind === "link") return `${event.link}: ${event.state}`;
  return `${event.link}: ${impairmentText(event.impairment)}${directionText(event.from, event.to)}`;
};

/** What is tried, as in `client gets status 200 from web, port 8080, path /`. */
export const probeText = ({ probe }: Assertion): string =>
  probe.kind === "tcp"
    ? `${probe.from} connects to ${probe.to}, port ${probe.port}`
    : `${probe.from} gets status ${probe.status} from ${probe.to}, port ${probe.port}, path ${probe.path}`;

/** As in `2.1 s`: three decimals at most. */
export const secondsText = (seconds: number): string => `${rounded(seconds)} s`;

/** To a thousandth. */
export const rounded = (value: number): number => Math.round(value * 1000) / 1000;
