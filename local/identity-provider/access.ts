import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

import { Refusal } from "./problem.ts";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** True for an address that only this machine can reach. */
const isLoopbackAddress = (address: string): boolean => {
  const version = isIP(address);
  return version !== 0 && loopback.check(address, version === 4 ? "ipv4" : "ipv6");
};

const isLocalName = (hostname: string): boolean =>
  hostname === "localhost" || hostname.endsWith(".localhost") || isLoopbackAddress(hostname.replace(/^\[|\]$/g, ""));

const hostnameOf = (host: string): string => {
  try {
    return new URL(`http://${host}`).hostname;
  } catch {
    return "";
  }
};

/**
 * Lets only programs on this machine use the development endpoints. The Host is looked at because a web page can reach
 * a loopback server under a name of its own (DNS rebinding), the Origin because a page can post without reading.
 * @throws Refusal 403
 */
export const requireLocalCaller = (
  request: IncomingMessage,
  boundAddress: string,
  origins: readonly string[],
): void => {
  const { host = "", origin } = request.headers;
  if (!isLoopbackAddress(boundAddress)) {
    throw new Refusal(403, "not-loopback", "Development endpoints answer only when the provider is bound to loopback.");
  }
  if (!isLocalName(hostnameOf(host))) {
    throw new Refusal(403, "foreign-host", "Development endpoints answer only under a loopback name.");
  }
  if (origin !== undefined && !origins.includes(origin)) {
    throw new Refusal(403, "foreign-origin", "Development endpoints do not answer pages of other origins.");
  }
};
