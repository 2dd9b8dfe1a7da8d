import { labelsOf } from "./labels.ts";
import type { NetworkWish } from "./ports.ts";

const option = (name: string): string => `com.docker.network.bridge.${name}`;
/** Where the engine keeps a bridge's name on the host. */
export const bridgeNameOption = option("name");

/**
 * What a link is made with: a bridge that leads nowhere. `canIsolateGateway` (release 28 and later) leaves the bridge without an
 * address, so that not even the host is on it; before that, walls of packets must keep nodes off the host.
 */
export const networkOptions = (wish: NetworkWish, canIsolateGateway: boolean) => ({
  Name: wish.bridgeName,
  Driver: "bridge",
  Internal: true,
  Attachable: false,
  EnableIPv6: false,
  CheckDuplicate: true,
  Labels: { ...labelsOf(wish.owner) },
  // The engine's own pools end after 30 networks.
  IPAM: { Driver: "default", Config: [{ Subnet: wish.subnet }] },
  Options: {
    [bridgeNameOption]: wish.bridgeName,
    [option("enable_icc")]: "true",
    [option("enable_ip_masquerade")]: "false",
    [option("host_binding_ipv4")]: "127.0.0.1",
    ...(canIsolateGateway ? { [option("gateway_mode_ipv4")]: "isolated" } : {}),
  },
});
