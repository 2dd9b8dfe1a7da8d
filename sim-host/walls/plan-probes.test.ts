import { describe, expect, test } from "vitest";
import { dockerId } from "../engine/docker-id.ts";
import type { Canaries } from "./canaries.ts";
import { planProbes } from "./plan-probes.ts";
import type { HostAddress } from "./ports.ts";
import { probeScript } from "./probe-script.ts";

const canary = (name: string, address: string) => ({ id: dockerId("a".repeat(64)), name, address });

const canaries: Canaries = {
  a1: canary("canary-a1", "10.111.255.2"),
  a2: canary("canary-a2", "10.111.255.3"),
  b1: canary("canary-b1", "10.111.255.34"),
  linkA: { bridgeName: "ksa", gateway: "10.111.255.1" },
  linkB: { bridgeName: "ksb", gateway: "10.111.255.33" },
};

const plan = (hostAddresses: readonly HostAddress[], round = 1) =>
  planProbes({ ...{ canaries, hostAddresses, round }, tcpPort: 4001, udpPort: 4002, externalName: "outside.example" });

const hostsOf = (addresses: readonly HostAddress[], round = 1) =>
  plan(addresses, round).flatMap(({ name }) => /^host (\S+) tcp$/.exec(name)?.[1] ?? []);

const at = (address: string, interfaceName: string): HostAddress => ({ address, interfaceName });

const many = (count: number, prefix: string, interfaceName: string) =>
  Array.from({ length: count }, (_, index) => at(`${prefix}.${index}`, `${interfaceName}${index}`));

describe("one round", () => {
  test("has something to reach, or reaching nothing would look like walls", () => {
    const reached = plan([]).filter(({ expected }) => expected === "reached");
    expect(reached.map(({ attempt }) => attempt)).toEqual([
      { kind: "tcp", address: "10.111.255.3", port: 8080 },
      { kind: "name", name: "canary-a2", address: "10.111.255.3" },
    ]);
  });

  test("tries the gateways and every other address of the host once, by TCP and by UDP", () => {
    const addresses = [
      at("10.0.0.4", "eth0"),
      at("10.111.255.1", "ksa"),
      at("10.111.255.33", "ksb"),
      at("10.111.0.1", "ksx"),
    ];
    const tries = plan(addresses).map(({ attempt }) => attempt);
    for (const address of ["10.111.255.1", "10.111.255.33", "10.0.0.4", "10.111.0.1"]) {
      expect(
        tries.filter((each) => JSON.stringify(each) === JSON.stringify({ kind: "tcp", address, port: 4001 })),
      ).toHaveLength(1);
      expect(tries).toContainEqual({ kind: "udp", address, port: 4002 });
    }
  });

  test("tries link-local addresses where they are met: on the canary's own link, by its interface", () => {
    const addresses = [at("fe80::1", "ksa"), at("fe80::2", "ksb"), at("fe80::3", "eth0"), at("fd77::1", "eth0")];
    const tries = plan(addresses).map(({ attempt }) => attempt);
    expect(hostsOf(addresses)).toEqual(["fd77::1", "fe80::1"]);
    expect(tries).toContainEqual({ kind: "tcp", address: "fe80::1%eth0", port: 4001 });
    expect(tries).toContainEqual({ kind: "tcp", address: "fd77::1", port: 4001 });
  });

  test("is bounded, however many addresses there are, and comes to all of them by turns", () => {
    const addresses = [...many(20, "10.0.0", "eth"), ...many(50, "10.111.0", "ks")];
    const rounds = Array.from({ length: 50 }, (_, round) => hostsOf(addresses, round));
    expect(new Set(rounds.map(({ length }) => length))).toEqual(new Set([12]));
    expect(rounds.every((hosts) => new Set(hosts).size === hosts.length)).toBe(true);
    expect(new Set(rounds.flat()).size).toBe(70);
    expect(plan(addresses).length).toBeLessThan(50);
  });

  test("can be written as a script", () => {
    expect(probeScript(plan([at("fe80::1", "ksa"), at("10.0.0.4", "eth0")]))).toContain("nc -w 2 10.0.0.4 4001");
  });
});
