import { DomainError } from "../../shared/kernel/errors.ts";
import type { Clock } from "../../shared/kernel/clock.ts";
import type { DockerId, Engine } from "../engine/ports.ts";
import type { CanariesDeps } from "./canaries.ts";
import { makeCanaryKeeper } from "./canaries.ts";
import { planProbes } from "./plan-probes.ts";
import type { HostListeners, OpenHostListeners, ReadHostNetworks, SelfTest, WallProbe } from "./ports.ts";
import type { PlannedProbe } from "./probe-script.ts";
import { probeScript, readProbes } from "./probe-script.ts";

export interface SelfTestDeps extends CanariesDeps {
  readonly engine: CanariesDeps["engine"] & Pick<Engine, "run">;
  readonly readHostNetworks: ReadHostNetworks;
  readonly openListeners: OpenHostListeners;
  readonly clock: Clock;
  /** A name that the host's own resolver knows, as in `microsoft.com`. */
  readonly externalName: string;
}

/** The script is done in about three seconds; where somebody keeps a connection, or on a host under load, later. */
const scriptMilliseconds = 12_000;
const outputBytesMax = 64 * 1024;
/** A busy host may be slow to answer; a wall that is open is open at once. */
const attemptsMax = 3;

const areAsExpected = (probes: readonly WallProbe[]): boolean =>
  probes.every(({ expected, seen }) => expected === seen);
const isOpen = (probes: readonly WallProbe[]): boolean =>
  probes.some(({ expected, seen }) => expected === "blocked" && seen === "reached");

export const makeSelfTest = (deps: SelfTestDeps): SelfTest => {
  const { engine, readHostNetworks, openListeners, clock, externalName } = deps;
  const canaryKeeper = makeCanaryKeeper(deps);
  let round = 0;

  const carryOut = async (id: DockerId, probes: readonly PlannedProbe[], listeners: HostListeners) => {
    const limits = { outputBytesMax, timeoutMilliseconds: scriptMilliseconds };
    const { output } = await engine.run(id, ["sh", "-c", probeScript(probes)], limits);
    const seen = readProbes(probes, new TextDecoder().decode(output), listeners.heard());
    if (seen === undefined)
      throw new DomainError("unavailable", "A canary of the walls did not report all its probes.");
    return seen;
  };
  const attempt = async (): Promise<readonly WallProbe[]> => {
    const canaries = await canaryKeeper.ensure();
    const { addresses } = await readHostNetworks();
    const listeners = await openListeners();
    try {
      const { tcpPort, udpPort } = listeners;
      const probes = planProbes({ canaries, hostAddresses: addresses, tcpPort, udpPort, round, externalName });
      return await carryOut(canaries.a1.id, probes, listeners);
    } finally {
      await listeners.close();
    }
  };

  return {
    stop: () => canaryKeeper.remove(),
    async run() {
      round += 1;
      let probes = await attempt();
      for (let count = 1; count < attemptsMax && !areAsExpected(probes) && !isOpen(probes); count += 1) {
        probes = await attempt();
      }
      return { isUp: areAsExpected(probes), probes, at: clock().toISOString() };
    },
  };
};
