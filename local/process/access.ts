import type { IncomingMessage } from "node:http";

import { isLoopbackAddress, isLoopbackHost } from "./loopback-name.ts";
import { Refusal } from "./problem.ts";

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
  if (!isLoopbackHost(host)) {
    throw new Refusal(403, "foreign-host", "Development endpoints answer only under a loopback name.");
  }
  if (origin !== undefined && !origins.includes(origin)) {
    throw new Refusal(403, "foreign-origin", "Development endpoints do not answer pages of other origins.");
  }
};
