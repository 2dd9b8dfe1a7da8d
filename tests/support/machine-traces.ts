import { z } from "zod";
import { makeRunTool } from "../../sim-host/walls/run-tool.ts";

const Interfaces = z.array(z.object({ ifname: z.string().optional() }));
const tables = { iptables: ["filter", "mangle", "nat", "raw"], ip6tables: ["filter", "mangle"] } as const;

/** Names of all interfaces, and all rules of the firewall, where an engine has its bridges: to be compared with later ones. */
export const machineTraces = async (networkNamespace: string) => {
  const run = makeRunTool(["nsenter", `--net=${networkNamespace}`]);
  const interfaces = Interfaces.parse(JSON.parse(await run("ip", ["-j", "link", "show"])));
  const rules: string[] = [];
  for (const program of ["iptables", "ip6tables"] as const) {
    for (const table of tables[program]) {
      const listing = await run(program, ["-w", "5", "-t", table, "-S"]);
      rules.push(
        ...listing
          .trim()
          .split("\n")
          .map((rule) => `${program} ${table}: ${rule}`),
      );
    }
  }
  return { interfaces: interfaces.map(({ ifname = "" }) => ifname).toSorted(), rules: rules.toSorted() };
};
