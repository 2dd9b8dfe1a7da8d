import { z } from "zod";
import type { LocateInstance } from "../../stack/stack.ts";

const Instances = z.array(
  z.object({
    name: z.string(),
    internalEndpoint: z.url({ protocol: /^http$/ }).nullable(),
    pid: z.number().nullable(),
  }),
);

const timeoutMilliseconds = 2_000;

/**
 * Asks a resource manager on this machine (`GET /dev/instances`) where an instance listens now. A port of this machine
 * belongs to whoever takes it first, so an address that was true yesterday may be a stranger's today: only the manager
 * knows which of its servers is alive, and it is asked before every request, by all who ask at the same moment together.
 */
export const locateAtManager = (managerUrl: string): LocateInstance => {
  const ask = async (): Promise<ReadonlyMap<string, string>> => {
    const response = await fetch(new URL("/dev/instances", managerUrl), {
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
    if (!response.ok) throw new Error(`the resource manager answered ${response.status}`);
    const instances = Instances.parse(await response.json());
    return new Map(
      instances.flatMap(({ name, internalEndpoint, pid }) =>
        internalEndpoint === null || pid === null ? [] : [[name, internalEndpoint] as const],
      ),
    );
  };
  let underWay: Promise<ReadonlyMap<string, string>> | undefined;
  return async (instanceId) => {
    underWay ??= ask().finally(() => (underWay = undefined));
    const address = (await underWay).get(instanceId);
    if (address === undefined) throw new Error(`the instance ${instanceId} does not run`);
    return address;
  };
};
