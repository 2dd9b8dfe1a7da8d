import { DomainError } from "../../shared/kernel/errors.ts";
import type { DockerClient } from "./docker-client.ts";
import { wordsBehind } from "./docker-failure.ts";
import { dockerId } from "./docker-id.ts";
import type { EngineFacts } from "./engine-facts.ts";
import { labelFilter } from "./labels.ts";
import { createDespiteLeftovers } from "./leftovers.ts";
import { networkOptions } from "./network-options.ts";
import type { DockerId, Engine, NetworkWish, Owner } from "./ports.ts";
import { readNetworks } from "./seen-things.ts";

const lookMilliseconds = 10_000;
const changeMilliseconds = 30_000;

type Networks = Pick<Engine, "createNetwork" | "removeNetwork">;

/** A name may stand twice; a bridge or a subnet may not. */
const isInTheWay = (error: unknown): boolean =>
  /same bridge name|Pool overlaps|already exists/.test(wordsBehind(error));

/** Making and removing of networks. */
export const networks = ({ call }: DockerClient, facts: () => Promise<EngineFacts>): Networks => {
  const list = async (owner: Owner) =>
    readNetworks(
      await call("list networks", lookMilliseconds, (docker, abortSignal) =>
        docker.all.listNetworks({ filters: { label: labelFilter(owner) }, abortSignal }),
      ),
    );
  const remove = async (id: DockerId): Promise<void> => {
    try {
      await call("remove a network", changeMilliseconds, async (docker, abortSignal) => {
        await docker.network(id).remove({ abortSignal });
      });
    } catch (error) {
      if (!(error instanceof DomainError && error.code === "not-found")) throw error;
    }
  };
  const create = async (wish: NetworkWish, canIsolateGateway: boolean): Promise<DockerId> => {
    const made = await call("make a network", changeMilliseconds, (docker, abortSignal) =>
      docker.all.createNetwork({ ...networkOptions(wish, canIsolateGateway), abortSignal }),
    );
    return dockerId(made.id);
  };
  return {
    async createNetwork(wish) {
      const { canIsolateGateway } = await facts();
      return createDespiteLeftovers(wish.owner, () => create(wish, canIsolateGateway), {
        list: () => list(wish.owner),
        remove,
        isInTheWay,
      });
    },
    removeNetwork: remove,
  };
};
