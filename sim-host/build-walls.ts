import { access } from "node:fs/promises";
import type { Clock } from "../shared/kernel/clock.ts";
import { DomainError } from "../shared/kernel/errors.ts";
import type { Logger } from "../shared/kernel/logger.ts";
import type { Settings } from "./config.ts";
import type { Engine } from "./engine/ports.ts";
import type { Lease } from "./host/lease.ts";
import type { SimulationStore } from "./simulations/ports.ts";
import { canaryTenant } from "./walls/canaries.ts";
import { readFirewallBackend } from "./walls/firewall-backend.ts";
import { openHostListeners } from "./walls/host-listeners.ts";
import { makeReadHostNetworks } from "./walls/host-networks.ts";
import { makeIptablesFirewall } from "./walls/iptables-firewall.ts";
import { makeRunTool } from "./walls/run-tool.ts";
import { makeSelfTest } from "./walls/self-test.ts";
import type { Walls } from "./walls/walls.ts";
import { makeWalls } from "./walls/walls.ts";

interface Deps {
  readonly settings: Settings;
  readonly engine: Engine;
  readonly store: SimulationStore;
  readonly lease: Lease;
  readonly canaryImageId: string;
  /** The engine says that this subnet is somebody's. */
  readonly avoidSubnet: (subnet: string) => void;
  readonly hostId: string;
  readonly clock: Clock;
  readonly log: Logger;
}

const hasIpv6 = (): Promise<boolean> =>
  access("/proc/net/if_inet6").then(
    () => true,
    () => false,
  );

/** Canaries whose subnet turns out to be another host's get another one in the next round. */
const avoidingTaken = ({ engine, store, hostId, avoidSubnet }: Deps): Engine => ({
  ...engine,
  async createNetwork(wish) {
    try {
      return await engine.createNetwork(wish);
    } catch (error) {
      if (error instanceof DomainError && error.code === "conflict") {
        avoidSubnet(wish.subnet);
        store.host.freeSubnet(canaryTenant, hostId, wish.owner.part);
      }
      throw error;
    }
  },
});

/** The walls of this machine, with what they are tested with; not started. */
export const buildWalls = async (deps: Deps): Promise<Walls> => {
  const { settings, store, lease, canaryImageId, hostId, clock, log } = deps;
  const run = makeRunTool();
  const selfTest = makeSelfTest({
    engine: avoidingTaken(deps),
    imageId: canaryImageId,
    hostId,
    generation: () => lease.fence(),
    claimSubnets: (links) => store.host.claimSubnets(canaryTenant, hostId, links),
    readHostNetworks: makeReadHostNetworks(run),
    openListeners: openHostListeners,
    externalName: settings.SIM_EXTERNAL_NAME,
    clock,
  });
  const firewall = makeIptablesFirewall({ run, range: settings.SIM_SUBNETS, hasIpv6: await hasIpv6() });
  const after = (milliseconds: number, act: () => void): (() => void) => {
    const timer = setTimeout(act, milliseconds).unref();
    return () => clearTimeout(timer);
  };
  return makeWalls({ firewall, selfTest, describeFirewall: () => readFirewallBackend(run), clock, log, after });
};
