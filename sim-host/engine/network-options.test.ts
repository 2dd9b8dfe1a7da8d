import { describe, expect, it } from "vitest";
import { networkOptions } from "./network-options.ts";

const owner = { tenantId: "t1", simulationId: "s1", part: "front", generation: 3 };
const wish = { owner, bridgeName: "ksabc", subnet: "10.111.3.32/27" };

describe("what a link is made with", () => {
  it("is a bridge that leads nowhere", () => {
    expect(networkOptions(wish, false)).toStrictEqual({
      Name: "ksabc",
      Driver: "bridge",
      Internal: true,
      Attachable: false,
      EnableIPv6: false,
      CheckDuplicate: true,
      Labels: {
        "kombify.sim.managed": "1",
        "kombify.sim.tenant": "t1",
        "kombify.sim.id": "s1",
        "kombify.sim.part": "front",
        "kombify.sim.generation": "3",
      },
      IPAM: { Driver: "default", Config: [{ Subnet: "10.111.3.32/27" }] },
      Options: {
        "com.docker.network.bridge.name": "ksabc",
        "com.docker.network.bridge.enable_icc": "true",
        "com.docker.network.bridge.enable_ip_masquerade": "false",
        "com.docker.network.bridge.host_binding_ipv4": "127.0.0.1",
      },
    });
  });

  it("has no address on the host where the engine can do without", () => {
    const { Options } = networkOptions(wish, true);
    expect(Options).toHaveProperty(["com.docker.network.bridge.gateway_mode_ipv4"], "isolated");
  });
});
