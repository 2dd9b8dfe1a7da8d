import { impairmentText } from "../topology/impairment-text.ts";
import type { Assertion, TimelineEvent } from "../topology/topology.ts";

const directionText = (from: string | undefined, to: string | undefined): string =>
  `${from === undefined ? "" : ` from ${from}`}${to === undefined ? "" : ` to ${to}`}`;

/** What happens to a link or a node, as in `front: 100 % lost from client to web`. */
export const faultText = (event: TimelineEvent): string => {
  if (event.kind === "node") return `${event.node}: ${event.action}`;
  if (event.kind === "link") return `${event.link}: ${event.state}`;
  return `${event.link}: ${impairmentText(event.impairment) || "unimpaired"}${directionText(event.from, event.to)}`;
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
