import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitUntil } from "../../local/process/wait-until.ts";
import type { PrivateNetwork } from "../../tests/support/private-network.ts";
import { canHavePrivateNetworks } from "../../tests/support/private-network.ts";
import type { WalledHost } from "../../tests/support/walled-host.ts";
import {
  dockerPort,
  hostPorts,
  outsideAddresses,
  outsideIpv6,
  outsideName,
  outsidePorts,
  walledHost,
} from "../../tests/support/walled-host.ts";
import type { Simulation, Tries, WalledNode } from "../../tests/support/walled-nodes.ts";
import { carelessNode, nodePorts, reachedFrom, simulation } from "../../tests/support/walled-nodes.ts";
import type { WallsProcess } from "../../tests/support/walls-process.ts";
import { wallsProcess } from "../../tests/support/walls-process.ts";
import type { DockerEngine } from "../engine/docker-engine.ts";
import { dockerEngine } from "../engine/docker-engine.ts";
import type { DockerId } from "../engine/ports.ts";

const publishedPort = 8090;

describe.skipIf(!canHavePrivateNetworks(["dockerd"]))("the walls around nodes", () => {
  let host: WalledHost;
  let engine: DockerEngine;
  let walls: WallsProcess;
  let acme: Simulation;
  let globex: Simulation;
  let careless: WalledNode;

  /** Somebody else's container, published on all of the host's addresses. */
  const publish = async (): Promise<void> => {
    const container = await host.engine.docker.createContainer({
      Image: host.engine.imageId,
      Cmd: ["httpd", "-f", "-p", "8080", "-h", "/www"],
      StopSignal: "SIGKILL",
      HostConfig: { PortBindings: { "8080/tcp": [{ HostPort: String(publishedPort) }] } },
    });
    await container.start();
  };

  beforeAll(async () => {
    host = await walledHost();
    const { socketPath, imageId } = host.engine;
    engine = dockerEngine({ socketPath });
    walls = await wallsProcess(host.network, { socketPath, imageId, iptables: "" });
    [acme, globex, careless] = await Promise.all([
      simulation(host, engine, "acme", 1),
      simulation(host, engine, "globex", 2),
      carelessNode(host),
      publish(),
    ]);
  });
  afterAll(() => host.close());

  const triesAt = (name: string, address: string, { tcp, udp }: { tcp: number; udp: number }): Tries => ({
    [`${name} tcp`]: { kind: "tcp", address, port: tcp },
    [`${name} udp`]: { kind: "udp", address, port: udp },
  });

  const merged = (tries: readonly Tries[]): Tries => Object.assign({}, ...tries) as Tries;

  const nodeTries = (nodes: readonly WalledNode[]): Tries =>
    merged(
      nodes.map(({ name, addresses }) => ({
        ...merged(Object.entries(addresses).map(([link, address]) => triesAt(`${name} ${link}`, address, nodePorts))),
        [`${name} by name`]: { kind: "name", name },
      })),
    );

  /** The host on all of its addresses, gateways of all bridges among them: own programs, the engine, others' published ports. */
  const hostTries = async (): Promise<Tries> => {
    const { addresses } = await walls.call("hostNetworks");
    const own = addresses.map(({ address }) => address).filter((address) => !address.includes(":"));
    expect(own.length).toBeGreaterThanOrEqual(8);
    return merged(
      own.map((address) => ({
        ...triesAt(`host ${address}`, address, hostPorts),
        [`docker ${address}`]: { kind: "tcp", address, port: dockerPort },
        [`published ${address}`]: { kind: "tcp", address, port: publishedPort },
      })),
    );
  };

  /** IPv6 of the host: its own address, and link-local ones of every bridge, of which a node meets that of its own. */
  const hostIpv6Tries = async (): Promise<Tries> => {
    const { addresses } = await walls.call("hostNetworks");
    return merged(
      addresses
        .filter(({ address }) => address.includes(":"))
        .map(({ address, interfaceName }) =>
          triesAt(`${interfaceName} ${address}`, address.startsWith("fe80") ? `${address}%eth0` : address, hostPorts),
        ),
    );
  };

  const outsideTries = (): Tries => ({
    ...merged(outsideAddresses.map((address) => triesAt(`outside ${address}`, address, outsidePorts))),
    ...triesAt(`outside ${outsideIpv6}`, outsideIpv6, outsidePorts),
    "outside by name": { kind: "name", name: outsideName },
  });

  const everything = async (): Promise<Tries> => ({
    ...(await hostTries()),
    ...(await hostIpv6Tries()),
    ...outsideTries(),
    ...nodeTries([acme.one, acme.two, acme.three, globex.one, globex.two, globex.three]),
  });

  const reached = (id: DockerId, tries: Tries): Promise<readonly string[]> => reachedFrom(host, engine, id, tries);

  /** Asked again on a busy machine: that something is reached needs to be seen once only. */
  const expectReached = async (id: DockerId, tries: Tries): Promise<void> => {
    let missing = tries;
    await waitUntil(async () => {
      const found = await reached(id, missing);
      missing = Object.fromEntries(Object.entries(missing).filter(([name]) => !found.includes(name)));
      return Object.keys(missing).length === 0;
    }, 20_000);
    expect(missing).toEqual({});
  };

  /** In no round a node reaches anything but these, and in one of them, on however busy a machine, all of these. */
  const expectReachesOnly = async ({ id }: WalledNode, tries: Tries, names: readonly string[]): Promise<void> => {
    let seen: readonly string[] = [];
    let others: readonly string[] = [];
    await waitUntil(async () => {
      seen = await reached(id, tries);
      others = [...others, ...seen.filter((name) => !names.includes(name))];
      return others.length > 0 || names.every((name) => seen.includes(name));
    }, 30_000);
    expect(others).toEqual([]);
    expect(new Set(seen)).toEqual(new Set(names));
  };

  /** A node reaches exactly itself and those whom it shares a link with, on the links it shares with them. */
  const expectWalledIn = async (simulations: readonly Simulation[]): Promise<void> => {
    const tries = await everything();
    const namesOf = (node: WalledNode, link: string): readonly string[] => [
      ...Object.keys(triesAt(`${node.name} ${link}`, node.addresses[link] ?? "", nodePorts)),
      `${node.name} by name`,
    ];
    const all = simulations.flatMap(({ one, two, three }) => {
      const front = [...namesOf(one, "front"), ...namesOf(two, "front")];
      const back = [...namesOf(one, "back"), ...namesOf(three, "back")];
      return [expectReachesOnly(one, tries, [...front, ...back]), expectReachesOnly(two, tries, front)];
    });
    // A blocked try is mostly waiting.
    await Promise.all([...all, expectReachesOnly(careless, tries, [])]);
  };

  describe.each([1, 0])("with bridged packets shown to iptables: %i", (shown) => {
    beforeAll(async () => {
      const switches = ["iptables", "ip6tables"].map((program) => `net.bridge.bridge-nf-call-${program}=${shown}`);
      await host.network.run("sysctl", ["-qw", ...switches]);
    });

    test("without walls, nodes reach all that they must not: this test can fail", async () => {
      await walls.call("remove");
      const { addresses } = await walls.call("hostNetworks");
      const ownLinkLocal = addresses
        .filter(({ address, interfaceName }) => interfaceName === "kscareless" && address.startsWith("fe80"))
        .map(({ address }) => triesAt("link-local", `${address}%eth0`, hostPorts));
      expect(ownLinkLocal).toHaveLength(1);
      const tries = await hostTries();
      await Promise.all([
        expectReached(careless.id, merged([tries, outsideTries(), ...ownLinkLocal])),
        // What the engine's own walls around internal networks leave open.
        expectReached(acme.one.id, tries),
      ]);
    });

    test("with walls, every node reaches its neighbours and nothing else", async () => {
      await walls.call("install");
      await expectWalledIn([acme, globex]);
    });
  });

  /** From a network that is no node's: a line said to a port, and what is answered. */
  const ask = ({ run }: PrivateNetwork, address: string, port: number): Promise<string> =>
    run("busybox", ["nc", "-w", "1", address, String(port)], "hello?\n").catch((error: unknown) => String(error));

  const addressOf = ({ addresses }: WalledNode): string => Object.values(addresses)[0] ?? "";

  describe("from elsewhere", () => {
    test("the host may ask a node and is answered", async () => {
      await walls.call("install");
      expect(await ask(host.network, addressOf(acme.one), nodePorts.tcp)).toContain("hello");
      // Answers are believed to be answers only from where links have their subnets.
      expect(await ask(host.network, addressOf(careless), nodePorts.tcp)).toContain("timed out");
    });

    test("nobody outside may ask a node, not even one on a bridge that routes", async () => {
      await walls.call("remove");
      expect(await ask(host.outside, addressOf(careless), nodePorts.tcp)).toContain("hello");
      await walls.call("install");
      expect(await ask(host.outside, addressOf(careless), nodePorts.tcp)).toContain("timed out");
      expect(await ask(host.outside, addressOf(acme.one), nodePorts.tcp)).toContain("timed out");
    });
  });

  describe("what is done to the walls", () => {
    const flush = async (table: "filter" | "mangle"): Promise<void> => {
      for (const program of ["iptables", "ip6tables"]) await host.network.run(program, ["-t", table, "-F"]);
    };
    afterAll(() => walls.call("stop"));

    test("a connection made while they were down does not outlive their return", async () => {
      await walls.call("remove");
      const count = 60;
      const before = host.takeNumbers(count);
      const last = before + count;
      const talk = `i=${before}; while [ $i -lt ${last} ]; do i=$((i+1)); echo probe-$i-end; usleep 100000; done`;
      const command = ["sh", "-c", `{ ${talk}; } | nc 10.111.1.1 ${hostPorts.tcp}`];
      const talking = engine.run(acme.one.id, command, { outputBytesMax: 1_000_000, timeoutMilliseconds: 9_000 });
      expect(await waitUntil(() => host.heard.has(before + 3), 5000)).toBe(true);
      await walls.call("install");
      await talking;
      expect(host.heard.has(last)).toBe(false);
    });

    test("flushing one table, as other tools do, opens nothing, closes no link, and is put right", async () => {
      await walls.call("check");
      for (const table of ["filter", "mangle"] as const) {
        await flush(table);
        await expectWalledIn([acme]);
        const { isUp, repairs } = await walls.call("check");
        expect([isUp, repairs.length]).toEqual([true, 8]);
        expect(await walls.call("drift")).toEqual([]);
      }
    });

    test("flushing everything is found and put right in the next round", async () => {
      await flush("filter");
      await flush("mangle");
      await expectReached(acme.one.id, await hostTries());
      const { isUp, repairs } = await walls.call("check");
      expect([isUp, repairs.length]).toEqual([true, 16]);
      await expectWalledIn([acme]);
    });

    const firstRule = async (): Promise<string | undefined> =>
      (await host.network.run("iptables", ["-S", "FORWARD"])).split("\n")[1];

    test("the engine puts rules before them with each network of ours, which let nothing past", async () => {
      await walls.call("check");
      const network = await host.engine.docker.createNetwork({ Name: "another", Internal: true });
      expect(await firstRule()).not.toContain("KOMBIFY");
      expect(await walls.call("drift")).toEqual([]);
      await network.remove();
    });

    test("for networks that route it accepts packets before them, which the other table still drops until it is put right", async () => {
      const network = await host.engine.docker.createNetwork({ Name: "routing" });
      expect(await walls.call("drift")).toEqual([
        "iptables filter: FORWARD may let packets past before it leads to KOMBIFY-SIM-FWD",
      ]);
      await expectWalledIn([acme]);
      expect(await walls.call("check")).toMatchObject({
        isUp: true,
        repairs: [expect.stringContaining("let packets past")],
      });
      expect(await firstRule()).toBe("-A FORWARD -j KOMBIFY-SIM-FWD");
      await network.remove();
    });

    test("rules of the other kind of iptables hold as well", async () => {
      await walls.call("remove");
      const { socketPath, imageId } = host.engine;
      const legacy = await wallsProcess(host.network, { socketPath, imageId, iptables: "-legacy" });
      await legacy.call("install");
      await expectWalledIn([acme]);
      expect(await legacy.call("backend")).toMatchObject({ kind: "legacy", engineChains: "in the other" });
      expect(await walls.call("backend")).toMatchObject({ kind: "nf_tables", engineChains: "in the same" });
      await legacy.call("remove");
      await walls.call("install");
    });

    test("an engine that starts anew opens nothing", async () => {
      await walls.call("check");
      await host.engine.restart();
      const nodes = [acme.one, acme.two, careless];
      await Promise.all(nodes.map(({ id }) => engine.start(id)));
      const tries = { ...(await hostTries()), ...outsideTries() };
      expect(await Promise.all(nodes.map(({ id }) => reached(id, tries)))).toEqual([[], [], []]);
      const { isUp, repairs } = await walls.call("check");
      expect(isUp).toBe(true);
      expect(repairs.filter((sentence) => !sentence.includes("let packets past"))).toEqual([]);
    });
  });
});
