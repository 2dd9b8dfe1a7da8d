import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PrivateNetwork } from "../../tests/support/private-network.ts";
import { canHavePrivateNetworks, privateNetwork } from "../../tests/support/private-network.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import { makeIptablesFirewall } from "./iptables-firewall.ts";
import type { RunTool } from "./run-tool.ts";
import { makeRunTool } from "./run-tool.ts";

const range = "10.111.0.0/16";

describe.skipIf(!canHavePrivateNetworks())("the firewall of the walls", () => {
  let network: PrivateNetwork;
  beforeEach(async () => {
    network = await privateNetwork();
  });
  afterEach(() => network.close());

  /** Rules, chains of people's making and policies that were changed; not the time, and not the counters. */
  const essence = (text: string): string =>
    text
      .split("\n")
      .map((line) => line.replace(/ \[\d+:\d+\]$/, ""))
      .filter((line) => /^(-A|:(?!\S+ ACCEPT$))/.test(line))
      .join("\n");

  describe.each(["nft", "legacy"])("the firewall by iptables-%s", (kind) => {
    const run: RunTool = (program, args, input) =>
      network.run(program.replace("tables", `tables-${kind}`), args, input);
    const makeFirewall = () => makeIptablesFirewall({ run, range, hasIpv6: true });
    const save = async (): Promise<string> =>
      essence((await run("iptables-save", [])) + (await run("ip6tables-save", [])));
    const countOf = async (text: string): Promise<number> => (await save()).split(text).length - 1;

    test("is not there, then there, then gone without a trace", async () => {
      const firewall = makeFirewall();
      expect(await firewall.check()).toHaveLength(16);
      const before = await save();
      await firewall.install();
      expect(await firewall.check()).toEqual([]);
      expect(await countOf("-j KOMBIFY-SIM-")).toBe(8);
      await firewall.remove();
      expect(await save()).toBe(before);
      await firewall.remove();
    });

    test("changes nothing when it is there already", async () => {
      await makeFirewall().install();
      const before = await save();
      const writes: string[] = [];
      const watched: RunTool = (program, args, input) => {
        if (program.endsWith("restore")) writes.push(program);
        return run(program, args, input);
      };
      await makeIptablesFirewall({ run: watched, range, hasIpv6: true }).install();
      expect(writes).toEqual([]);
      expect(await save()).toBe(before);
    });

    test.each([
      ["all rules are flushed", ["-F"], 4],
      ["one rule is deleted", ["-D", "KOMBIFY-SIM-IN", "-i", "ks+", "-j", "DROP"], 1],
      ["a jump is deleted", ["-D", "FORWARD", "-j", "KOMBIFY-SIM-FWD"], 1],
      ["one of our chains is flushed", ["-F", "KOMBIFY-SIM-FWD"], 1],
      ["something is accepted in our chain", ["-I", "KOMBIFY-SIM-IN", "-s", "10.111.0.2", "-j", "ACCEPT"], 1],
      ["something is accepted before it", ["-I", "FORWARD", "-j", "ACCEPT"], 1],
      ["a jump is there twice", ["-A", "INPUT", "-j", "KOMBIFY-SIM-IN"], 1],
    ])("sees and repairs when %s", async (_what, change, drifts) => {
      const firewall = makeFirewall();
      await firewall.install();
      for (const program of ["iptables", "ip6tables"]) {
        for (const table of ["filter", "mangle"]) {
          const args =
            program === "ip6tables" ? change.map((word) => (word === "10.111.0.2" ? "fd00::2" : word)) : change;
          await run(program, ["-t", table, ...args]);
        }
      }
      expect(await firewall.check()).toHaveLength(4 * drifts);
      await firewall.install();
      expect(await firewall.check()).toEqual([]);
    });

    test("leaves alone what others have", async () => {
      await run("iptables", ["-N", "DOCKER-USER"]);
      await run("iptables", ["-A", "DOCKER-USER", "-s", "10.0.0.0/8", "-j", "RETURN"]);
      await run("iptables", ["-A", "FORWARD", "-j", "DOCKER-USER"]);
      await run("iptables", ["-P", "FORWARD", "DROP"]);
      const firewall = makeFirewall();
      await firewall.install();
      const ours = (await save()).split("\n").filter((line) => !line.includes("KOMBIFY"));
      expect(ours).toEqual(expect.arrayContaining([":FORWARD DROP", "-A FORWARD -j DOCKER-USER"]));
      expect(ours).toContain("-A DOCKER-USER -s 10.0.0.0/8 -j RETURN");
      expect((await save()).indexOf("-j KOMBIFY-SIM-FWD")).toBeLessThan((await save()).indexOf("-j DOCKER-USER"));
    });

    test("stands in the end when many set it and others flush at once", async () => {
      const firewalls = Array.from({ length: 4 }, makeFirewall);
      const disturb = async (): Promise<void> => {
        for (let count = 0; count < 5; count += 1) await run("iptables", ["-F"]).catch(() => "");
      };
      await Promise.allSettled([...firewalls.flatMap((each) => [each.install(), each.install()]), disturb()]);
      await makeFirewall().install();
      expect(await makeFirewall().check()).toEqual([]);
      expect(await countOf("-j KOMBIFY-SIM-")).toBe(8);
    });

    test("takes a range that is written with an address in it", async () => {
      const firewall = makeIptablesFirewall({ run, range: "10.111.3.7/16", hasIpv6: true });
      await firewall.install();
      expect(await firewall.check()).toEqual([]);
      expect(await makeFirewall().check()).toEqual([]);
    });

    test("notices a range other than its own", async () => {
      await makeFirewall().install();
      const other = makeIptablesFirewall({ run, range: "10.112.0.0/16", hasIpv6: true });
      expect(await other.check()).toEqual([
        "iptables mangle: KOMBIFY-SIM-IN holds other rules",
        "iptables filter: KOMBIFY-SIM-IN holds other rules",
      ]);
      await other.install();
      expect(await other.check()).toEqual([]);
    });
  });

  test("without IPv6 in the kernel, ip6tables is not called", async () => {
    const called = new Set<string>();
    const run: RunTool = (program, args, input) => {
      called.add(program);
      return network.run(program, args, input);
    };
    await makeIptablesFirewall({ run, range, hasIpv6: false }).install();
    expect([...called].toSorted()).toEqual(["iptables", "iptables-restore"]);
  });

  describe("what cannot be done is said", () => {
    const messageOf = async (run: RunTool): Promise<string> => {
      const failure: unknown = await makeIptablesFirewall({ run, range, hasIpv6: true })
        .install()
        .catch((error: unknown) => error);
      return failure instanceof DomainError && failure.code === "unavailable" ? failure.message : String(failure);
    };

    test("without the right to do it", async () => {
      const run = makeRunTool(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]);
      expect(await messageOf(run)).toContain("it takes root");
    });

    test("without the program", async () => {
      const run = makeRunTool();
      const message = await messageOf((program, args) => run(`${program}-of-nobody`, args));
      expect(message).toBe("The firewall cannot be read or set: iptables-of-nobody is not installed.");
    });

    test("when it does not stay: somebody takes it away at once, each time", async () => {
      const message = await messageOf(async (program, args, input) => {
        const answer = await network.run(program, args, input);
        if (program === "iptables-restore") await network.run("iptables", ["-t", "mangle", "-F"]);
        return answer;
      });
      expect(message).toContain("do not stay");
    });

    test("when a kernel refuses", async () => {
      const message = await messageOf((program, args, input) =>
        network.run(program, args, input?.replace("physdev-is-bridged", "no-such")),
      );
      expect(message).toContain("iptables-restore failed");
    });
  });
});
