import { z } from "zod";
import { DomainError } from "../../shared/kernel/errors.ts";
import { readNetwork } from "./ipv4.ts";
import type { ReadHostNetworks } from "./ports.ts";
import type { RunTool } from "./run-tool.ts";

const Interfaces = z.array(
  z.looseObject({
    ifname: z.string().optional(),
    addr_info: z.array(z.looseObject({ local: z.string().optional(), prefixlen: z.int().optional() })).default([]),
  }),
);

const Routes = z.array(z.looseObject({ dst: z.string(), dev: z.string().default("") }));

const isLoopback = (address: string): boolean => address.startsWith("127.") || address === "::1";

interface Located {
  readonly network: string;
  readonly interfaceName: string;
}

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
      const addresses = interfaces.flatMap(({ ifname = "", addr_info }) =>
        addr_info.flatMap(({ local = "", prefixlen = 128 }) =>
          local === "" ? [] : [{ address: local, interfaceName: ifname, network: `${local}/${prefixlen}` }],
        ),
      );
      const located: readonly Located[] = [
        ...addresses,
        ...routes.map(({ dst, dev }) => ({ network: dst, interfaceName: dev })),
      ];
      // What cannot be read is IPv6, or the default route.
      const foreign = located.filter(({ network }) => readNetwork(network) !== undefined);
      return {
        addresses: addresses
          .filter(({ address }) => !isLoopback(address))
          .map(({ address, interfaceName }) => ({ address, interfaceName })),
        foreign: [...new Set(foreign.map(({ network }) => network))],
      };
    } catch (error) {
      throw new DomainError("unavailable", "The host's addresses and routes cannot be read.", { cause: error });
    }
  };
