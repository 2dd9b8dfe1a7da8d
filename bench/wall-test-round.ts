import { existsSync } from "node:fs";
import { dockerEngine } from "../sim-host/engine/docker-engine.ts";
import { canaryTenant } from "../sim-host/walls/canaries.ts";
import { openHostListeners } from "../sim-host/walls/host-listeners.ts";
import { makeReadHostNetworks } from "../sim-host/walls/host-networks.ts";
import { makeIptablesFirewall } from "../sim-host/walls/iptables-firewall.ts";
import { makeRunTool } from "../sim-host/walls/run-tool.ts";
import { makeSelfTest } from "../sim-host/walls/self-test.ts";
import { nextSubnets } from "../sim-host/walls/subnets.ts";
import { ownedEngine } from "../sim-host/engine/owned-engine.ts";
import type { BenchEngine } from "./bench-sim-host.ts";
import type { Pair } from "./harness.ts";
import { timed } from "./harness.ts";

const range = "10.111.0.0/16";
const hostId = "wallsbench";
const limits = { outputBytesMax: 1_000, timeoutMilliseconds: 10_000 };

/**
 * A round of the walls' own test, every minute: the firewall is compared with what it shall be, and a canary tries some dozen
 * ways out at once, each of which must run into its timeout. Against the shortest command in the same canary.
 */
export const wallTestRound = ({ socketPath, toolbox }: BenchEngine): Pair => ({
  name: "A round of the walls' test",
  bound: { kind: "difference" },
  measured: "firewall and canaries",
  baseline: "`true` in a canary",
  rounds: 5,
  warmUp: 1,
  open: async () => {
    const run = makeRunTool();
    const engine = ownedEngine(dockerEngine({ socketPath }), hostId);
    const readHostNetworks = makeReadHostNetworks(run);
    const firewall = makeIptablesFirewall({ run, range, hasIpv6: existsSync("/proc/sys/net/ipv6") });
    const { foreign } = await readHostNetworks();
    const selfTest = makeSelfTest({
      ...{ engine, imageId: toolbox.imageId, hostId, readHostNetworks, openListeners: openHostListeners },
      ...{ externalName: "example.com", generation: () => 1, clock: () => new Date() },
      claimSubnets(links) {
        const free = nextSubnets(range, new Set(), foreign, links.length);
        return free && Object.fromEntries(links.map((link, index) => [link, free[index] ?? ""]));
      },
    });
    await firewall.install();
    const round = async (): Promise<void> => {
      await firewall.check();
      const { isUp, probes } = await selfTest.run();
      const faults = probes.filter(({ expected, seen }) => expected !== seen).map(({ name }) => name);
      if (!isUp) throw new Error(`The walls of this machine are down: ${faults.join(", ")}.`);
    };
    // Makes the canaries.
    await round();
    const { containers } = await engine.list({ tenantId: canaryTenant, simulationId: hostId });
    const [canary] = containers;
    if (canary === undefined) throw new Error("There is no canary.");
    return {
      measure: () => timed(round),
      compare: () => timed(() => engine.run(canary.id, ["true"], limits)),
      close: () => selfTest.stop(),
    };
  },
});
