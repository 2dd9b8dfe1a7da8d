import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { canHavePrivateNetworks } from "../../tests/support/private-network.ts";
import type { WalledHost } from "../../tests/support/walled-host.ts";
import { walledHost } from "../../tests/support/walled-host.ts";
import type { WallsProcess } from "../../tests/support/walls-process.ts";
import { wallsProcess } from "../../tests/support/walls-process.ts";
import { bridgeName } from "../engine/names.ts";
import { canaryTenant } from "./canaries.ts";

describe.skipIf(!canHavePrivateNetworks(["dockerd"]))("the self-test of the walls", () => {
  let host: WalledHost;
  /** Of the tests that change what all have: the firewall and the engine. */
  let walls: WallsProcess;

  /** As one host of several on the engine: with canaries of its own, in subnets of its own. */
  const startWalls = (place: number): Promise<WallsProcess> => {
    const { socketPath, imageId } = host.engine;
    const canarySubnets = `10.111.${255 - place}.0/24`;
    return wallsProcess(host.network, { socketPath, imageId, iptables: "", hostId: `walls-${place}`, canarySubnets });
  };
  const bridgeOf = (place: number): string =>
    bridgeName({ tenantId: canaryTenant, simulationId: `walls-${place}`, part: "canary-a" });

  beforeAll(async () => {
    host = await walledHost();
    walls = await startWalls(0);
  });
  afterAll(() => host.close());
  beforeEach(() => walls.call("install"));

  /** What the engine has of a process's canaries, by part, with ids. */
  const canaries = async (place: number): Promise<Readonly<Record<string, string>>> => {
    const filters = { label: [`kombify.sim.tenant=${canaryTenant}`, `kombify.sim.id=walls-${place}`] };
    const { docker } = host.engine;
    const all = [
      ...(await docker.listContainers({ all: true, filters })).map(({ Id, Labels }) => ({ Id, Labels })),
      ...(await docker.listNetworks({ filters })).map(({ Id, Labels }) => ({ Id, Labels: Labels ?? {} })),
    ];
    return Object.fromEntries(all.map(({ Id, Labels }) => [Labels["kombify.sim.part"] ?? "", Id]));
  };

  const parts = ["canary-a", "canary-a1", "canary-a2", "canary-b", "canary-b1"];

  const wrongIn = async (those: WallsProcess): Promise<readonly string[]> =>
    (await those.call("selfTest")).probes.filter(({ expected, seen }) => expected !== seen).map(({ name }) => name);

  describe("the self-test", () => {
    test("is green with the walls in place, and tries every address of the host", async () => {
      const { isUp, probes } = await walls.call("selfTest");
      expect(probes.filter(({ expected, seen }) => expected !== seen)).toEqual([]);
      expect(isUp).toBe(true);
      const names = probes.map(({ name }) => name);
      for (const where of [
        "own gateway",
        "other gateway",
        "host 198.51.100.1",
        "host 192.0.2.77",
        "host 172.17.0.1",
        "host fd77::1",
      ]) {
        expect(names).toEqual(expect.arrayContaining([`${where} tcp`, `${where} udp`]));
      }
      expect(names).toEqual(
        expect.arrayContaining(["neighbour tcp", "neighbour name", "other tenant tcp", "other tenant name"]),
      );
      expect(names).toEqual(
        expect.arrayContaining(["docker 2375", "outside 169.254.169.254", "outside 168.63.129.16"]),
      );
      expect(Object.keys(await canaries(0)).toSorted()).toEqual(parts);
    });

    test("keeps its canaries from round to round, and what it opened on the host is closed", async () => {
      await walls.call("selfTest");
      const before = await canaries(0);
      const listening = await host.network.run("ss", ["-Hlntu"]);
      await walls.call("selfTest");
      expect(await canaries(0)).toEqual(before);
      expect(await host.network.run("ss", ["-Hlntu"])).toBe(listening);
    });

    test("is red without the firewall, at everything that the engine leaves open", async () => {
      await walls.call("remove");
      const wrong = await wrongIn(walls);
      for (const where of ["own gateway", "other gateway", "host 198.51.100.1", "host 192.0.2.77", "host 172.17.0.1"]) {
        expect(wrong).toEqual(expect.arrayContaining([`${where} tcp`, `${where} udp`]));
      }
      expect(wrong).toEqual(expect.arrayContaining(["docker 2375", "docker 2376"]));
      expect(wrong).not.toContain("neighbour tcp");
    });

    test("says that walls are down while the engine hangs, and up when it goes on", async () => {
      expect(await walls.call("check")).toMatchObject({ isUp: true });
      host.engine.signal("SIGSTOP");
      const { isUp, faults } = await walls.call("check").finally(() => host.engine.signal("SIGCONT"));
      expect([isUp, faults.length]).toEqual([false, 1]);
      expect(await walls.call("isUp")).toBe(false);
      expect(await walls.call("check")).toMatchObject({ isUp: true, faults: [] });
    });
  });

  // Each with walls of its own, side by side: a round is mostly waiting for what does not come through.
  describe.concurrent("the canaries of one of several hosts", () => {
    test("are worth nothing when one is cut off: one that reaches nobody proves nothing", async () => {
      const ours = await startWalls(1);
      await ours.call("selfTest");
      await host.network.run("ip", ["link", "set", bridgeOf(1), "down"]);
      expect(await wrongIn(ours)).toEqual(["neighbour tcp"]);
      await host.network.run("ip", ["link", "set", bridgeOf(1), "up"]);
      expect(await wrongIn(ours)).toEqual([]);
      await ours.call("stop");
    });

    const docker = () => host.engine.docker;
    type Harm = (ids: Readonly<Record<string, string>>) => Promise<unknown>;
    const harms: readonly (readonly [string, number, Harm])[] = [
      ["was killed", 2, ({ "canary-a2": id = "" }) => docker().getContainer(id).kill()],
      ["was paused", 3, ({ "canary-a1": id = "" }) => docker().getContainer(id).pause()],
      ["was removed", 4, ({ "canary-b1": id = "" }) => docker().getContainer(id).remove({ force: true })],
      [
        "was taken off its network",
        5,
        ({ "canary-a": network = "", "canary-a2": id }) =>
          docker().getNetwork(network).disconnect({ Container: id, Force: true }),
      ],
    ];
    test.each(harms)("are made anew when one %s", async (_what, place, harm) => {
      const ours = await startWalls(place);
      await ours.call("selfTest");
      const before = await canaries(place);
      await harm(before);
      expect(await wrongIn(ours)).toEqual([]);
      const after = await canaries(place);
      expect(Object.keys(after).toSorted()).toEqual(parts);
      expect(after["canary-a1"]).not.toBe(before["canary-a1"]);
      await ours.call("stop");
    });

    test("are taken over from a process that was killed, and nothing is left behind when it is stopped", async () => {
      const first = await startWalls(6);
      await first.call("selfTest");
      const before = await canaries(6);
      await expect(first.call("die")).rejects.toThrow("ended");
      const ours = await startWalls(6);
      expect(await wrongIn(ours)).toEqual([]);
      const after = await canaries(6);
      expect(Object.keys(after).toSorted()).toEqual(parts);
      expect(Object.values(after)).not.toContain(before["canary-a1"]);
      await ours.call("stop");
      expect(await canaries(6)).toEqual({});
      expect(await host.network.run("ip", ["-br", "link"])).not.toContain(bridgeOf(6));
    });
  });
});
