/** One table as `iptables -S` prints it: the rules of each chain without their `-A chain`, in order. */
export type TableListing = ReadonlyMap<string, readonly string[]>;

/** Reads the output of `iptables -t table -S`. Lines that are neither chain nor rule are skipped. */
export const readTableListing = (text: string): TableListing => {
  const chains = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [, kind, name, rule] = /^-([PNA]) (\S+)(?: (.*))?$/.exec(line.trim()) ?? [];
    if (name === undefined) continue;
    const rules = chains.get(name) ?? [];
    if (kind === "A") rules.push(rule ?? "");
    chains.set(name, rules);
  }
  return chains;
};

/** A rule without its quoted words: comments and log prefixes may look like anything. */
export const withoutQuotes = (rule: string): string => rule.replace(/"(?:[^"\\]|\\.)*"/g, '""');

/** Where a rule sends a packet, and whether it comes back from there; undefined: it only counts. */
export const targetOf = (rule: string): { readonly name: string; readonly isGoto: boolean } | undefined => {
  const [, flag, name] = /(?:^| )-([jg]) (\S+)/.exec(withoutQuotes(rule)) ?? [];
  return name === undefined ? undefined : { name, isGoto: flag === "g" };
};
