import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { canHavePrivateNetworks } from "../../tests/support/private-network.ts";
import type { WalledHost } from "../../tests/support/walled-host.ts";
import { walledHost } from "../../tests/support/walled-host.ts";
import type { WallsProcess } from "../../tests/support/walls-process.ts";
import { wallsProcess } from "../../tests/support/walls-process.ts";
import { bridgeName } from "../engine/names.ts";
import { canaryTenant } from "./canaries.ts";

describe.skipIf(!canHavePrivateNetworks(["dockerd"]))("the self-test of the walls", () => {
  /** Of the process of the walls. */
  const canaryOwner = { tenantId: canaryTenant, simulationId: "walls" };

  let host: WalledHost;
  let walls: WallsProcess;

  const startWalls = (): Promise<WallsProcess> => {
    const { socketPath, imageId } = host.engine;
    return wallsProcess(host.network, { socketPath, imageId, iptables: "" });
  };

  beforeAll(async () => {
    host = await walledHost();
    walls = await startWalls();
  });
  afterAll(() => host.close());
  beforeEach(() => walls.call("install"));

  /** What the engine has of canaries, by part, with ids. */
  const canaries = async (): Promise<Readonly<Record<string, string>>> => {
    const filters = { label: [`kombify.sim.tenant=${canaryTenant}`] };
    const { docker } = host.engine;
    const all = [
      ...(await docker.listContainers({ all: true, filters })).map(({ Id, Labels }) => ({ Id, Labels })),
      ...(await docker.listNetworks({ filters })).map(({ Id, Labels }) => ({ Id, Labels: Labels ?? {} })),
    ];
    return Object.fromEntries(all.map(({ Id, Labels }) => [Labels["kombify.sim.part"] ?? "", Id]));
  };

  const parts = ["canary-a", "canary-a1", "canary-a2", "canary-b", "canary-b1"];

  const wrongIn = async (): Promise<readonly string[]> =>
    (await walls.call("selfTest")).probes.filter(({ expected, seen }) => expected !== seen).map(({ name }) => name);

  const container = async (part: string) => host.engine.docker.getContainer((await canaries())[part] ?? "none");

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
      expect(Object.keys(await canaries()).toSorted()).toEqual(parts);
    });

    test("keeps its canaries from round to round, and what it opened on the host is closed", async () => {
      await walls.call("selfTest");
      const before = await canaries();
      const listening = await host.network.run("ss", ["-Hlntu"]);
      await walls.call("selfTest");
      expect(await canaries()).toEqual(before);
      expect(await host.network.run("ss", ["-Hlntu"])).toBe(listening);
    });

    test("is red without the firewall, at everything that the engine leaves open", async () => {
      await walls.call("remove");
      const wrong = await wrongIn();
      for (const where of ["own gateway", "other gateway", "host 198.51.100.1", "host 192.0.2.77", "host 172.17.0.1"]) {
        expect(wrong).toEqual(expect.arrayContaining([`${where} tcp`, `${where} udp`]));
      }
      expect(wrong).toEqual(expect.arrayContaining(["docker 2375", "docker 2376"]));
      expect(wrong).not.toContain("neighbour tcp");
    });

    test("is red when a canary is cut off: one that reaches nobody proves nothing", async () => {
      await walls.call("selfTest");
      const bridge = bridgeName({ ...canaryOwner, part: "canary-a" });
      await host.network.run("ip", ["link", "set", bridge, "down"]);
      expect(await wrongIn()).toEqual(["neighbour tcp"]);
      await host.network.run("ip", ["link", "set", bridge, "up"]);
      expect(await wrongIn()).toEqual([]);
    });

    test.each([
      ["was killed", async (): Promise<unknown> => (await container("canary-a2")).kill()],
      ["was paused", async (): Promise<unknown> => (await container("canary-a1")).pause()],
      ["was removed", async (): Promise<unknown> => (await container("canary-b1")).remove({ force: true })],
      [
        "was taken off its network",
        async () => {
          const { "canary-a": network = "", "canary-a2": id } = await canaries();
          await host.engine.docker.getNetwork(network).disconnect({ Container: id, Force: true });
        },
      ],
    ])("makes its canaries anew when one %s", async (_what, harm) => {
      await walls.call("selfTest");
      const before = await canaries();
      await harm();
      expect(await wrongIn()).toEqual([]);
      const after = await canaries();
      expect(Object.keys(after).toSorted()).toEqual(parts);
      expect(after["canary-a1"]).not.toBe(before["canary-a1"]);
    });

    test("takes over from a process that was killed, and leaves nothing behind when it is stopped", async () => {
      await walls.call("selfTest");
      const before = await canaries();
      await expect(walls.call("die")).rejects.toThrow("ended");
      walls = await startWalls();
      expect(await wrongIn()).toEqual([]);
      const after = await canaries();
      expect(Object.keys(after).toSorted()).toEqual(parts);
      expect(Object.values(after)).not.toContain(before["canary-a1"]);
      await walls.call("stop");
      expect(await canaries()).toEqual({});
      expect(await host.network.run("ip", ["-br", "link"])).not.toContain(
        bridgeName({ ...canaryOwner, part: "canary-a" }),
      );
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
});
