import { z } from "zod";
import { GatewayProblem } from "./problem.ts";

const Instances = z.array(
  z.object({
    name: z.string(),
    internalEndpoint: z.url({ protocol: /^http$/ }).nullable(),
    pid: z.number().nullish(),
  }),
);
type Instance = z.infer<typeof Instances>[number];

/** Undefined for one that does not run: whoever has its port meanwhile must not see what was meant for it. */
const addressOf = ({ internalEndpoint, pid }: Instance): URL | undefined =>
  internalEndpoint === null || pid === null ? undefined : new URL(internalEndpoint);

const negativeCacheMilliseconds = 1000;
/** An instance that moved leaves its port to others, so no address is believed for longer without asking. */
const positiveCacheMilliseconds = 10_000;
const fetchTimeoutMilliseconds = 5000;

/** How an instance name becomes the address of its server, as DNS does for Kong. */
export interface StackResolver {
  /** @throws GatewayProblem not-found for an unknown name, stack-unavailable when nobody can be asked */
  readonly resolve: (instance: string) => Promise<URL>;
  /** The address did not answer: ask again at the next request (an instance may have moved to another port). */
  readonly forget: (instance: string) => void;
}

/**
 * Asks the resource manager (`GET /dev/instances`) and remembers for 10 seconds, or longer while it does not answer; an
 * unknown name asks again, at most once a second.
 */
export const makeStackResolver = (
  resourceManagerUrl: string | undefined,
  nowMilliseconds: () => number,
): StackResolver => {
  let known = new Map<string, URL | undefined>();
  let askedAt = Number.NEGATIVE_INFINITY;
  let underWay: Promise<void> | undefined;

  const ask = async (): Promise<void> => {
    const response = await fetch(new URL("/dev/instances", resourceManagerUrl), {
      redirect: "error",
      signal: AbortSignal.timeout(fetchTimeoutMilliseconds),
    });
    if (!response.ok) throw new Error(`the resource manager answered ${response.status}`);
    const instances = Instances.parse(await response.json());
    known = new Map(instances.map((instance) => [instance.name, addressOf(instance)]));
    askedAt = nowMilliseconds();
  };
  const refresh = async (): Promise<void> => {
    if (resourceManagerUrl === undefined) throw new Error("no resource manager is configured");
    underWay ??= ask().finally(() => (underWay = undefined));
    await underWay;
  };

  return {
    resolve: async (instance) => {
      const isKnown = known.get(instance) !== undefined;
      const age = nowMilliseconds() - askedAt;
      if (age >= (isKnown ? positiveCacheMilliseconds : negativeCacheMilliseconds)) {
        try {
          await refresh();
        } catch (error) {
          if (!isKnown) {
            throw new GatewayProblem("stack-unavailable", "The Stack cannot be found at the moment.", { cause: error });
          }
        }
      }
      const address = known.get(instance);
      if (address === undefined && known.has(instance)) {
        throw new GatewayProblem("stack-unavailable", "The Stack does not run at the moment.");
      }
      if (address === undefined) throw new GatewayProblem("not-found", "There is nothing at this address.");
      return address;
    },
    forget: (instance) => {
      known.delete(instance);
      askedAt = Number.NEGATIVE_INFINITY;
    },
  };
};
