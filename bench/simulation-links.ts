import { z } from "zod";
import type { BenchEngine } from "./bench-sim-host.ts";
import { openBenchSimHost } from "./bench-sim-host.ts";
import type { Pair } from "./harness.ts";
import { timed } from "./harness.ts";

const tenantId = "bench";
const megabytes = 20;
const port = "5000";
const limits = { memory: "256MB", cpus: 1 };
const listen = ["nc", "-ll", "-p", port, "-e", "sh", "-c", "cat > /dev/null"];

const topology = {
  name: "throughput",
  nodes: {
    from: { image: "toolbox", command: ["sleep", "infinity"], limits },
    to: { image: "toolbox", command: listen, limits },
  },
  links: { plain: { nodes: ["from", "to"] }, delayed: { nodes: ["from", "to"], delay: "5ms" } },
};

const View = z.object({
  nodes: z.array(z.object({ name: z.string(), addresses: z.record(z.string(), z.string()) })),
});
const Result = z.object({ exitCode: z.number(), output: z.string() });

/** TCP between two nodes over a link with a delay, which our relay carries, against one over the engine's own bridge. */
export const simulationLinks = (engine: BenchEngine): Pair => ({
  name: `${megabytes} MB through a link with 5 ms of delay`,
  bound: { kind: "ratio" },
  measured: "relayed",
  baseline: "a plain bridge",
  rounds: 7,
  warmUp: 1,
  open: async () => {
    const host = await openBenchSimHost(engine);
    const id = await host.start(tenantId, topology).catch(async (error: unknown) => {
      await host.close();
      throw error;
    });
    const { nodes } = View.parse(JSON.parse(await host.call(tenantId, `GET /${id}`, 200)));
    const addresses = nodes.find(({ name }) => name === "to")?.addresses ?? {};
    const send = (link: "plain" | "delayed"): Promise<number> =>
      timed(async () => {
        const text = `dd if=/dev/zero bs=1000000 count=${megabytes} 2>/dev/null | nc ${addresses[link] ?? ""} ${port}`;
        const body = { command: ["sh", "-c", text], timeoutSeconds: 60 };
        const answer = await host.call(tenantId, `POST /${id}/nodes/from/exec`, 200, body);
        const { exitCode, output } = Result.parse(JSON.parse(answer));
        if (exitCode !== 0) throw new Error(`Sending over ${link} ended with ${exitCode}: ${output}`);
      });
    return {
      measure: () => send("delayed"),
      compare: () => send("plain"),
      async close() {
        await host.remove(tenantId, id);
        await host.close();
      },
    };
  },
});
