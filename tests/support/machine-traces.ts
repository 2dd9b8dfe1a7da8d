import { z } from "zod";
import { makeRunTool } from "../../sim-host/walls/run-tool.ts";

const Interfaces = z.array(z.object({ ifname: z.string().optional() }));
const tables = { iptables: ["filter", "mangle", "nat", "raw"], ip6tables: ["filter", "mangle"] } as const;

/** All interfaces, and all rules of the firewall, where an engine has its bridges, a line each. */
export const machineTraces = async (networkNamespace: string): Promise<readonly string[]> => {
  const run = makeRunTool(["nsenter", `--net=${networkNamespace}`]);
  const interfaces = Interfaces.parse(JSON.parse(await run("ip", ["-j", "link", "show"])));
  const traces = interfaces.map(({ ifname = "" }) => `interface ${ifname}`);
  for (const program of ["iptables", "ip6tables"] as const) {
    for (const table of tables[program]) {
      const listing = await run(program, ["-w", "5", "-t", table, "-S"]);
      traces.push(
        ...listing
          .trim()
          .split("\n")
          .map((rule) => `${program} ${table}: ${rule}`),
      );
    }
  }
  return traces;
};

/** What is there now and was not before; what was there once and is there twice, too. */
export const newTraces = (now: readonly string[], before: readonly string[]): readonly string[] => {
  const known = [...before];
  return now.filter((trace) => {
    const index = known.indexOf(trace);
    if (index >= 0) known.splice(index, 1);
    return index < 0;
  });
};
