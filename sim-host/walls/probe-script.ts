import type { WallProbe } from "./ports.ts";
import { probeWords } from "./probe-words.ts";

/** Something a node tries. Addresses are IPv4, or IPv6 with its zone where it needs one; ports are numbers of the host's own. */
export type Attempt =
  | { readonly kind: "tcp" | "udp"; readonly address: string; readonly port: number }
  /** Reached: the name is known, and when `address` is given, as that. */
  | { readonly kind: "name"; readonly name: string; readonly address?: string };

export interface PlannedProbe {
  readonly name: string;
  readonly expected: WallProbe["expected"];
  readonly attempt: Attempt;
}

/** How long an attempt waits for an answer. */
const answerSeconds = 2;
/** After that, a question for a name is given up. */
const nameSeconds = 3;
/** After that, a connection that was made and stays is ended. Much later than the wait for it, or a starved machine would mix them up. */
const talkSeconds = 8;

const wordPattern = /^[\w.:%-]+$/;

const commandOf = (attempt: Attempt, number: number): string => {
  switch (attempt.kind) {
    case "tcp":
      return `echo ${probeWords(number)} | timeout ${talkSeconds} nc -w ${answerSeconds} ${attempt.address} ${attempt.port}`;
    case "udp": {
      const host = attempt.address.includes(":") ? `[${attempt.address}]` : attempt.address;
      // Its question is a datagram to any port; what matters is whether it arrives there.
      return `timeout ${answerSeconds} nslookup -type=a ${probeWords(number)} ${host}:${attempt.port}`;
    }
    case "name":
      return `timeout ${nameSeconds} nslookup -type=a ${attempt.name}`;
  }
};

const wordsOf = (attempt: Attempt): readonly string[] =>
  Object.entries(attempt).flatMap(([member, value]) => (member === "kind" ? [] : [String(value)]));

/**
 * One shell script for all probes, side by side; needs BusyBox's sh, nc, nslookup and timeout. Prints a line for each:
 * its number (from 1), the exit code, the uptime in seconds before and after, and what was printed.
 * @throws RangeError when an address or name is none, which no shell shall see
 */
export const probeScript = (probes: readonly PlannedProbe[]): string => {
  const strange = probes.flatMap(({ attempt }) => wordsOf(attempt)).find((word) => !wordPattern.test(word));
  if (strange !== undefined) throw new RangeError(`${strange} is neither an address nor a name.`);
  return [
    // What is printed is not to be read as names of files.
    "set -f",
    "p() {",
    "  read -r from _ </proc/uptime",
    '  said=$(eval "$2" 2>&1); code=$?',
    "  read -r until _ </proc/uptime",
    '  echo "$1 $code $from $until" $said',
    "}",
    ...probes.map(({ attempt }, index) => `p ${index + 1} '${commandOf(attempt, index + 1)}' </dev/null &`),
    "wait",
    "",
  ].join("\n");
};

interface Outcome {
  readonly exitCode: number;
  readonly milliseconds: number;
  readonly said: string;
}

/** 128 and SIGTERM: `timeout` put an end to it. */
const killed = 143;

/** Words of kernels, by C libraries of both kinds, for what leads nowhere. */
const leadsNowhere = /timed out|unreachable|no route|cannot assign|not available|not supported|not permitted|denied/i;

type Seen = WallProbe["seen"] | undefined;

const seenAtPort = (kind: "tcp" | "udp", { exitCode, said }: Outcome): Seen => {
  // Whoever refuses was asked.
  if (exitCode === 0 || /refused/i.test(said)) return "reached";
  // A connection was made within the time for that, and stayed; a question waited for its answer in vain.
  if (exitCode === killed) return kind === "tcp" ? "reached" : "blocked";
  return leadsNowhere.test(said) ? "blocked" : undefined;
};

const seenOfName = (wanted: string | undefined, { exitCode, said }: Outcome): Seen => {
  if (exitCode === 0) {
    // The first address is the resolver's own.
    const addresses = [...said.matchAll(/Address(?: \d+)?:\s*(\S+)/g)].map(([, address]) => address).slice(1);
    const isKnown = wanted === undefined ? addresses.length > 0 : addresses.includes(wanted);
    return isKnown ? "reached" : "blocked";
  }
  const isUnknown = exitCode === killed || /can't find|can't resolve|NXDOMAIN|refused/i.test(said);
  return isUnknown || leadsNowhere.test(said) ? "blocked" : undefined;
};

/** What the attempt saw; undefined when it was not made, as without room for another process: that must not look like a wall. */
const seenBy = (attempt: Attempt, outcome: Outcome): Seen =>
  attempt.kind === "name" ? seenOfName(attempt.address, outcome) : seenAtPort(attempt.kind, outcome);

const readOutcomes = (output: string): ReadonlyMap<number, Outcome> =>
  new Map(
    output.split("\n").flatMap((line) => {
      const [, number, code, from, until, said = ""] = /^(\d+) (\d+) ([\d.]+) ([\d.]+) ?(.*)$/s.exec(line) ?? [];
      if (number === undefined) return [];
      const milliseconds = Math.round((Number(until) - Number(from)) * 1000);
      return [[Number(number), { exitCode: Number(code), milliseconds, said }]];
    }),
  );

/**
 * What the script's output says. `heard`: numbers of probes that arrived at a listener of the host, answered or not.
 * Undefined: an attempt was not made or not reported, so the round is worth nothing.
 */
export const readProbes = (
  probes: readonly PlannedProbe[],
  output: string,
  heard: ReadonlySet<number>,
): readonly WallProbe[] | undefined => {
  const outcomes = readOutcomes(output);
  const results = probes.flatMap(({ name, expected, attempt }, index): readonly WallProbe[] => {
    const outcome = outcomes.get(index + 1);
    const seen = outcome && (heard.has(index + 1) ? "reached" : seenBy(attempt, outcome));
    return seen === undefined ? [] : [{ name, expected, seen, milliseconds: outcome?.milliseconds ?? 0 }];
  });
  return results.length === probes.length ? results : undefined;
};
