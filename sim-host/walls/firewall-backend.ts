import type { RunTool } from "./run-tool.ts";
import { readTableListing } from "./table-listing.ts";

/** Which of the kernel's two firewalls `iptables` writes to here, for the log: a drop in either is final, so it is no fault. */
export interface FirewallBackend {
  /** As in `iptables v1.8.9 (nf_tables)`. */
  readonly program: string;
  readonly kind: "nf_tables" | "legacy";
  /** Where the engine's own chains are seen. Engines that write nftables themselves have none. */
  readonly engineChains: "in the same" | "in the other" | "nowhere";
}

const hasEngineChains = (listing: string): boolean =>
  [...readTableListing(listing).keys()].some((chain) => chain.startsWith("DOCKER"));

/** Legacy tables come into being when somebody looks at them, so they are looked at only when they are there. */
const hasLegacyTables = async (run: RunTool): Promise<boolean> =>
  (await run("cat", ["/proc/net/ip_tables_names"])).split("\n").includes("filter");

const isInOther = async (run: RunTool, kind: FirewallBackend["kind"]): Promise<boolean> => {
  try {
    if (kind === "nf_tables" && !(await hasLegacyTables(run))) return false;
    return hasEngineChains(await run(kind === "nf_tables" ? "iptables-legacy" : "iptables-nft", ["-S"]));
  } catch {
    // The other kind is not installed, or not in the kernel.
    return false;
  }
};

/** @throws ToolError when iptables itself cannot be asked */
export const readFirewallBackend = async (run: RunTool): Promise<FirewallBackend> => {
  const program = (await run("iptables", ["-V"])).trim();
  // Releases before 1.8 know one kind only, and do not name it.
  const kind = program.includes("nf_tables") ? "nf_tables" : "legacy";
  const isSame = hasEngineChains(await run("iptables", ["-w", "5", "-S"]));
  const engineChains = isSame ? "in the same" : (await isInOther(run, kind)) ? "in the other" : "nowhere";
  return { program, kind, engineChains };
};
