import { z } from "zod";
import { DomainError } from "../../shared/kernel/errors.ts";
import { readNetwork } from "./ipv4.ts";
import type { HostAddress, ReadHostNetworks } from "./ports.ts";
import type { RunTool } from "./run-tool.ts";

const Interfaces = z.array(
  z.looseObject({
    ifname: z.string().optional(),
    addr_info: z.array(z.looseObject({ local: z.string().optional(), prefixlen: z.int().optional() })).default([]),
  }),
);

const Routes = z.array(z.looseObject({ dst: z.string() }));

type Interface = z.infer<typeof Interfaces>[number];

const isLoopback = (address: string): boolean => address.startsWith("127.") || address === "::1";

const addressesOf = ({ ifname = "", addr_info }: Interface): readonly HostAddress[] =>
  addr_info.flatMap(({ local = "" }) =>
    local === "" || isLoopback(local) ? [] : [{ address: local, interfaceName: ifname }],
  );

const networksOf = ({ addr_info }: Interface): readonly string[] =>
  addr_info.map(({ local = "", prefixlen }) => `${local}/${prefixlen ?? ""}`);

/**
 * Asks `ip`, because Node leaves out interfaces without a carrier: an empty bridge has its address and its network all the same.
 * All routing tables count, so that the networks of VPNs and the like are left alone. @throws DomainError `unavailable`
 */
export const makeReadHostNetworks =
  (run: RunTool): ReadHostNetworks =>
  async () => {
    try {
      const interfaces = Interfaces.parse(JSON.parse(await run("ip", ["-j", "addr", "show"])));
      const routes = Routes.parse(JSON.parse(await run("ip", ["-j", "-4", "route", "show", "table", "all"])));
      const networks = [...interfaces.flatMap(networksOf), ...routes.map(({ dst }) => dst)];
      return {
        addresses: interfaces.flatMap(addressesOf),
        // The default route, and all of IPv6, are no networks to this.
        networks: [...new Set(networks.filter((text) => readNetwork(text) !== undefined && text !== "0.0.0.0/0"))],
      };
    } catch (error) {
      throw new DomainError("unavailable", "The host's addresses and routes cannot be read.", { cause: error });
    }
  };
