import type { WantedChain } from "./firewall-rules.ts";
import type { TableListing } from "./table-listing.ts";
import { targetOf, withoutQuotes } from "./table-listing.ts";

/** Targets after which a packet is gone or goes on to the next rule: none of them lets it past ours. */
const harmlessTargets: ReadonlySet<string> = new Set([
  ...["DROP", "REJECT", "LOG", "NFLOG", "ULOG", "TRACE", "AUDIT", "ACCOUNT", "SET"],
  ...["MARK", "CONNMARK", "SECMARK", "CONNSECMARK", "CLASSIFY", "CT", "NOTRACK"],
  ...["TOS", "DSCP", "ECN", "TTL", "HL", "TCPMSS", "TCPOPTSTRIP", "CHECKSUM"],
]);

/** Between ports of one bridge: Docker accepts that for each network of its own, and so do we for ours. */
const staysOnOneBridge = (rule: string): boolean => {
  const [, name] = /(?<!! )-i (\S+) -o \1 /.exec(withoutQuotes(rule)) ?? [];
  return name !== undefined && !name.endsWith("+");
};

/** Whether a rule can end the walk through the built-in chain with the packet still alive. What is unknown is believed to. */
const letsPast = (rule: string, listing: TableListing, isInOwnChain: boolean): boolean => {
  const target = targetOf(rule);
  if (target === undefined || harmlessTargets.has(target.name) || staysOnOneBridge(rule)) return false;
  if (target.name === "RETURN") return !isInOwnChain;
  // After a goto the walk does not come back here but to where the chain was jumped to; from a built-in chain, to its policy.
  if (target.isGoto && !isInOwnChain) return true;
  const rules = listing.get(target.name);
  return rules?.some((inner) => letsPast(inner, listing, true)) ?? true;
};

const jumpTo = (chain: string): string => `-j ${chain}`;

const chainDrift = ({ name, rules }: WantedChain, listing: TableListing): readonly string[] => {
  const seen = listing.get(name);
  if (seen === undefined) return [`${name} is missing`];
  return seen.length === rules.length && seen.every((rule, index) => rule === rules[index])
    ? []
    : [`${name} holds other rules`];
};

/**
 * Being first is not asked for: with every network it makes, Docker puts rules of its own before ours, which drop, or accept what
 * stays on one bridge. What is asked for is that nothing before our jump lets anything else past it.
 */
const jumpDrift = ({ builtIn, name }: WantedChain, listing: TableListing): readonly string[] => {
  const rules = listing.get(builtIn) ?? [];
  const place = rules.indexOf(jumpTo(name));
  if (place < 0) return [`${builtIn} does not lead to ${name}`];
  const isTwice = rules.includes(jumpTo(name), place + 1);
  const isPassed = rules.slice(0, place).some((rule) => letsPast(rule, listing, false));
  return [
    ...(isPassed ? [`${builtIn} may let packets past before it leads to ${name}`] : []),
    ...(isTwice ? [`${builtIn} leads to ${name} twice`] : []),
  ];
};

/** What in a table is not as it is wanted, in sentences without a full stop. */
export const tableDrift = (wanted: readonly WantedChain[], listing: TableListing): readonly string[] =>
  wanted.flatMap((chain) => [...chainDrift(chain, listing), ...jumpDrift(chain, listing)]);

/** Input of `iptables-restore --noflush` that makes a table as it is wanted, in one transaction, whatever state it was seen in. */
export const repairScript = (table: string, wanted: readonly WantedChain[], listing: TableListing): string => {
  const jumps = wanted.flatMap(({ builtIn, name }) => [
    // As many as were seen: one that was not there would fail the whole transaction, and the next attempt looks again.
    ...(listing.get(builtIn) ?? []).filter((rule) => rule === jumpTo(name)).map((rule) => `-D ${builtIn} ${rule}`),
    `-I ${builtIn} 1 ${jumpTo(name)}`,
  ]);
  const rules = wanted.flatMap((chain) => chain.rules.map((rule) => `-A ${chain.name} ${rule}`));
  // Naming a chain makes it, or empties it.
  const chains = wanted.map(({ name }) => `:${name} - [0:0]`);
  return [`*${table}`, ...chains, ...jumps, ...rules, "COMMIT", ""].join("\n");
};

/** Input of `iptables-restore --noflush` that takes our chains and all that leads to them out of a table; undefined: nothing is there. */
export const removalScript = (
  table: string,
  wanted: readonly WantedChain[],
  listing: TableListing,
): string | undefined => {
  const ours = wanted.map(({ name }) => name).filter((name) => listing.has(name));
  if (ours.length === 0) return undefined;
  const jumps = [...listing].flatMap(([chain, rules]) =>
    rules.filter((rule) => ours.includes(targetOf(rule)?.name ?? "")).map((rule) => `-D ${chain} ${rule}`),
  );
  const chains = ours.flatMap((name) => [`-F ${name}`, `-X ${name}`]);
  return [`*${table}`, ...jumps, ...chains, "COMMIT", ""].join("\n");
};
