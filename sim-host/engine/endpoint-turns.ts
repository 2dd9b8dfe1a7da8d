import { z } from "zod";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { DockerClient } from "./docker-client.ts";
import { dockerId } from "./docker-id.ts";
import type { EngineFacts } from "./engine-facts.ts";
import type { DockerId } from "./ports.ts";
import { turns } from "./turns.ts";

const lookMilliseconds = 10_000;
const waitMilliseconds = 180_000;

const Inspected = z.object({ NetworkSettings: z.object({ Networks: z.record(z.string(), z.unknown()).nullish() }) });

/** Runs what puts a container on its networks or takes it off them. */
export type EndpointTurns = <T>(id: DockerId, act: () => Promise<T>) => Promise<T>;

/**
 * Up to release 28, two nodes that come to or leave a network at the same moment may be counted wrongly: the engine then believes in
 * a node that is not there, and does not remove the network until it is started anew. So they come and go one after the other,
 * network by network.
 */
export const endpointTurns = ({ call }: DockerClient, facts: () => Promise<EngineFacts>): EndpointTurns => {
  const inTurn = turns(waitMilliseconds);
  const networksOf = async (id: DockerId): Promise<readonly string[]> => {
    try {
      const answer = await call("look at a container", lookMilliseconds, (docker, abortSignal) =>
        docker.container(id).inspect({ abortSignal }),
      );
      return Object.keys(Inspected.parse(answer).NetworkSettings.Networks ?? {}).filter((name) => name !== "none");
    } catch (error) {
      if (error instanceof DomainError && error.code === "not-found") return [];
      throw error;
    }
  };
  return async (id, act) => {
    const checked = dockerId(id);
    const { miscountsEndpoints } = await facts();
    return miscountsEndpoints ? inTurn(await networksOf(checked), act) : act();
  };
};
