import { DomainError } from "../../shared/kernel/errors.ts";
import { connectWatch } from "./connect-watch.ts";
import type { DockerClient } from "./docker-client.ts";
import { statusBehind } from "./docker-failure.ts";
import { dockerId } from "./docker-id.ts";
import type { EngineFacts } from "./engine-facts.ts";
import { networksOf } from "./networks-of.ts";
import type { DockerId } from "./ports.ts";
import { turns } from "./turns.ts";

const leaveMilliseconds = 30_000;
const waitMilliseconds = 180_000;
const rememberedMax = 10_000;

/** For what puts containers on their networks, or takes them off. */
export interface EndpointTurns {
  /** Where a container that was just made is going to be: spares looking. */
  readonly remember: (id: DockerId, networkIds: readonly DockerId[]) => void;
  /** Runs what brings a container to its networks. */
  readonly coming: <T>(id: DockerId, act: () => Promise<T>) => Promise<T>;
  /** Runs what ends a container that may be started again. */
  readonly going: <T>(id: DockerId, act: () => Promise<T>) => Promise<T>;
  /** Takes a container off its networks for good: removing it is then nothing to them. */
  readonly leave: (id: DockerId) => Promise<void>;
}

const leaveOne = async ({ call }: DockerClient, id: DockerId, networkId: DockerId): Promise<void> => {
  try {
    await call("take a container off a network", leaveMilliseconds, async (docker, abortSignal) => {
      const options = { Container: id, Force: true, abortSignal };
      await docker.network(networkId).disconnect(options);
    });
  } catch (error) {
    // It has left by itself, or one of both is gone. If not, removing it takes it off.
    if (statusBehind(error) === undefined) throw error;
  }
};

/**
 * Up to release 28, when two nodes come to or leave a network at the same moment, the engine may lose count of them: it then believes
 * in a node that is not there, and does not remove the network until it is started anew. So they come and go one after the other,
 * network by network; but what else there is to a start or an end is done side by side.
 */
export const endpointTurns = (client: DockerClient, facts: () => Promise<EngineFacts>): EndpointTurns => {
  const inTurn = turns(waitMilliseconds);
  const watched = connectWatch(client);
  const remembered = new Map<DockerId, readonly DockerId[]>();
  const find = async (id: DockerId): Promise<readonly DockerId[]> => remembered.get(id) ?? networksOf(client, id);
  const isNeeded = async (): Promise<boolean> => (await facts()).miscountsEndpoints;

  return {
    remember(id, networkIds) {
      const [oldest] = remembered.keys();
      if (remembered.size >= rememberedMax && oldest !== undefined) remembered.delete(oldest);
      remembered.set(id, networkIds);
    },
    async coming(id, act) {
      const checked = dockerId(id);
      if (!(await isNeeded())) return act();
      const networkIds = await find(checked);
      return inTurn(networkIds, (leave) => watched(checked, networkIds.length, leave, act));
    },
    async going(id, act) {
      const checked = dockerId(id);
      return (await isNeeded()) ? inTurn(await find(checked), act) : act();
    },
    async leave(id) {
      const checked = dockerId(id);
      if (!(await isNeeded())) return;
      const networkIds = await find(checked).catch((error: unknown) => {
        if (error instanceof DomainError && error.code === "not-found") return [];
        throw error;
      });
      remembered.delete(checked);
      await Promise.all(networkIds.map((one) => inTurn([one], () => leaveOne(client, checked, one))));
    },
  };
};
