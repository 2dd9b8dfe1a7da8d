import { describe, expect, test } from "vitest";
import { makeReadHostNetworks } from "./host-networks.ts";
import type { RunTool } from "./run-tool.ts";
import { makeRunTool } from "./run-tool.ts";

const interfaces = [
  {
    ifname: "lo",
    addr_info: [{ local: "127.0.0.1", prefixlen: 8 }, { local: "192.0.2.77", prefixlen: 32 }, { local: "::1" }],
  },
  {
    ifname: "eth0",
    addr_info: [
      { local: "10.0.0.4", prefixlen: 24 },
      { local: "fe80::1", prefixlen: 64 },
    ],
  },
  { ifname: "docker0", operstate: "DOWN", addr_info: [{ local: "172.17.0.1", prefixlen: 16 }] },
  { ifname: "ksabc", addr_info: [{ local: "10.111.0.1", prefixlen: 27 }] },
  {},
];
const routes = [
  { dst: "default", gateway: "10.0.0.1", dev: "eth0" },
  { dst: "100.64.0.0/10", dev: "tailscale0", table: "52" },
  { dst: "10.111.0.0/27", dev: "ksabc" },
  { type: "blackhole", dst: "10.9.0.0/16" },
];

const answering =
  (addresses: string, table: string): RunTool =>
  (_program, args) =>
    Promise.resolve(args.includes("addr") ? addresses : table);

test("the host's addresses are all but loopback's, on interfaces without a carrier too", async () => {
  const { addresses } = await makeReadHostNetworks(answering(JSON.stringify(interfaces), JSON.stringify(routes)))();
  expect(addresses).toEqual([
    { address: "192.0.2.77", interfaceName: "lo" },
    { address: "10.0.0.4", interfaceName: "eth0" },
    { address: "fe80::1", interfaceName: "eth0" },
    { address: "172.17.0.1", interfaceName: "docker0" },
    { address: "10.111.0.1", interfaceName: "ksabc" },
  ]);
});

test("networks of others are those of interfaces and of routes in any table, without the default route", async () => {
  const { foreign } = await makeReadHostNetworks(answering(JSON.stringify(interfaces), JSON.stringify(routes)))();
  expect(foreign).toEqual([
    ...["127.0.0.1/8", "192.0.2.77/32", "10.0.0.4/24", "172.17.0.1/16", "10.111.0.1/27"],
    ...["100.64.0.0/10", "10.111.0.0/27", "10.9.0.0/16"],
  ]);
});

describe("what cannot be read is unavailable", () => {
  test.each([
    ["no JSON", "", "[]"],
    ["another shape", "[]", '{"dst":"default"}'],
  ])("%s", async (_what, addresses, table) => {
    await expect(makeReadHostNetworks(answering(addresses, table))()).rejects.toMatchObject({ code: "unavailable" });
  });

  test("no ip", async () => {
    const run = makeRunTool();
    const read = makeReadHostNetworks((program, args) => run(`${program}-of-nobody`, args));
    await expect(read()).rejects.toMatchObject({ code: "unavailable", cause: { isMissing: true } });
  });
});

test("this machine's own can be read", async () => {
  const { foreign } = await makeReadHostNetworks(makeRunTool())();
  expect(foreign).toContain("127.0.0.0/8");
});
