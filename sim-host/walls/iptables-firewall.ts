import { DomainError } from "../../shared/kernel/errors.ts";
import { removalScript, repairScript, tableDrift } from "./firewall-drift.ts";
import type { Family, Table, WantedChain } from "./firewall-rules.ts";
import { tables, wantedChains } from "./firewall-rules.ts";
import type { Firewall } from "./ports.ts";
import type { RunTool } from "./run-tool.ts";
import { toolUnavailable } from "./run-tool.ts";
import type { TableListing } from "./table-listing.ts";
import { readTableListing } from "./table-listing.ts";

export interface IptablesFirewallDeps {
  readonly run: RunTool;
  /** Where all links have their subnets, as in `10.111.0.0/16`. */
  readonly range: string;
  /** False on a kernel without IPv6, where ip6tables fails. */
  readonly hasIpv6: boolean;
}

const programs = { ipv4: "iptables", ipv6: "ip6tables" } as const;
/** Until another program lets go of the lock that iptables-legacy has. */
const lockSeconds = "5";
const attemptsMax = 5;

interface Part {
  readonly family: Family;
  readonly table: Table;
  readonly wanted: readonly WantedChain[];
}

/** What is to be fed to iptables-restore, or undefined when the table is as it should be. */
type NextScript = (part: Part, listing: TableListing) => string | undefined;

const nextRepair: NextScript = ({ table, wanted }, listing) =>
  tableDrift(wanted, listing).length === 0 ? undefined : repairScript(table, wanted, listing);

const nextRemoval: NextScript = ({ table, wanted }, listing) => removalScript(table, wanted, listing);

/** The walls in the kernel's tables, by whichever iptables is installed: a drop in nftables or in legacy tables is final in both. */
export const makeIptablesFirewall = ({ run, range, hasIpv6 }: IptablesFirewallDeps): Firewall => {
  const families: readonly Family[] = hasIpv6 ? ["ipv4", "ipv6"] : ["ipv4"];
  const parts = families.flatMap((family) =>
    tables.map((table): Part => ({ family, table, wanted: wantedChains(family, table, range) })),
  );
  const list = async ({ family, table }: Part): Promise<TableListing> =>
    readTableListing(await run(programs[family], ["-w", lockSeconds, "-t", table, "-S"]));

  /** Looks, acts and looks again: between look and act others may change the table, which makes the act fail as a whole. */
  const settle = async (part: Part, nextScript: NextScript): Promise<void> => {
    let failure: unknown = new Error("the rules do not stay as they were set");
    for (let attempt = 1; ; attempt += 1) {
      const script = nextScript(part, await list(part));
      if (script === undefined) return;
      if (attempt > attemptsMax) throw failure;
      try {
        await run(`${programs[part.family]}-restore`, ["--noflush", "-w", lockSeconds], script);
      } catch (error) {
        failure = error;
      }
    }
  };

  let last: Promise<unknown> = Promise.resolve();
  /** One after the other: two repairs at once would only make each other fail. */
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const turn = last.then(act).catch((error: unknown) => {
      throw error instanceof DomainError ? error : toolUnavailable(error);
    });
    last = turn.catch(() => undefined);
    return turn;
  };
  const each = async (act: (part: Part) => Promise<void>): Promise<void> => {
    for (const part of parts) await act(part);
  };

  return {
    install: () => inTurn(() => each((part) => settle(part, nextRepair))),
    remove: () => inTurn(() => each((part) => settle(part, nextRemoval))),
    check: () =>
      inTurn(async () => {
        const drift: string[] = [];
        await each(async (part) => {
          const found = tableDrift(part.wanted, await list(part));
          drift.push(...found.map((sentence) => `${programs[part.family]} ${part.table}: ${sentence}`));
        });
        return drift;
      }),
  };
};
