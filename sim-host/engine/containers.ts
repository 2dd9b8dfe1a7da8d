import { setTimeout as delay } from "node:timers/promises";
import { DomainError } from "../../shared/kernel/errors.ts";
import { findDeviations, NotHardenedError } from "./assert-hardened.ts";
import { containerOptions, endpointOptions } from "./container-options.ts";
import { checkContainerWish } from "./container-wish.ts";
import type { DockerClient } from "./docker-client.ts";
import { statusBehind, wordsBehind } from "./docker-failure.ts";
import { dockerId } from "./docker-id.ts";
import type { EndpointTurns } from "./endpoint-turns.ts";
import type { EngineFacts } from "./engine-facts.ts";
import { labelFilter } from "./labels.ts";
import { createDespiteLeftovers } from "./leftovers.ts";
import { containerName } from "./names.ts";
import type { ContainerWish, DockerId, Engine, Owner } from "./ports.ts";
import { readContainer } from "./seen-container.ts";
import { readContainers } from "./seen-things.ts";

const lookMilliseconds = 10_000;
const changeMilliseconds = 30_000;
const createMilliseconds = 60_000;
const goneMilliseconds = 15_000;
const goneIntervalMilliseconds = 100;

type Containers = Pick<Engine, "createContainer" | "inspect" | "removeContainer">;

/** Everything of one part, whoever's generation. */
const listOf = async ({ call }: DockerClient, owner: Owner) =>
  readContainers(
    await call("list containers", lookMilliseconds, (docker, abortSignal) =>
      docker.all.listContainers({ all: true, filters: { label: labelFilter(owner) }, abortSignal }),
    ),
  );

const answerOf = ({ call }: DockerClient, id: DockerId): Promise<unknown> =>
  call("look at a container", lookMilliseconds, (docker, abortSignal) => docker.container(id).inspect({ abortSignal }));

const isGone = (error: unknown): boolean => error instanceof DomainError && error.code === "not-found";

/** @throws DomainError `unavailable` when it is still there after 15 seconds */
const removeContainer = async (client: DockerClient, id: DockerId): Promise<void> => {
  const deadline = performance.now() + goneMilliseconds;
  for (;;) {
    try {
      await client.call("remove a container", changeMilliseconds, (docker, abortSignal) =>
        docker.container(id).remove({ force: true, v: true, abortSignal }),
      );
      return;
    } catch (error) {
      if (isGone(error)) return;
      // Somebody else's removal of it is under way.
      if (statusBehind(error) !== 409 || performance.now() >= deadline) throw error;
      await delay(goneIntervalMilliseconds);
    }
  }
};

const settingOf = (facts: EngineFacts, runtime: string | undefined) => {
  if (runtime !== undefined && !facts.runtimes.includes(runtime)) {
    throw new DomainError("unavailable", `The engine lacks the runtime that nodes are to run in: ${runtime}.`);
  }
  if (!facts.hasSeccomp) throw new NotHardenedError(["seccomp"]);
  const { hasInit, defaultRuntime } = facts;
  return { hasInit, defaultRuntime, ...(runtime === undefined ? {} : { runtime }) };
};

/** Making and removing of containers. `facts` are those of the engine that runs now. */
export const containers = (
  client: DockerClient,
  endpoints: EndpointTurns,
  facts: () => Promise<EngineFacts>,
  runtime: string | undefined,
): Containers => {
  const remove = async (id: DockerId): Promise<void> => {
    await endpoints.leave(id);
    await removeContainer(client, id);
  };

  const create = async (wish: ContainerWish, body: ReturnType<typeof containerOptions>): Promise<DockerId> => {
    const made = await client.call("make a container", createMilliseconds, (docker, abortSignal) => {
      // Told apart, or the client writes the whole body into the path too.
      const options = { _query: { name: containerName(wish.owner) }, _body: body, abortSignal };
      return docker.all.createContainer(options);
    });
    return dockerId(made.id);
  };

  const attachOthers = async (wish: ContainerWish, id: DockerId): Promise<void> => {
    for (const attachment of wish.attachments.slice(1)) {
      await client.call("put a container on a network", changeMilliseconds, (docker, abortSignal) => {
        const options = { Container: id, EndpointConfig: endpointOptions(attachment), abortSignal };
        return docker.network(attachment.networkId).connect(options);
      });
    }
  };

  return {
    async createContainer(wish) {
      checkContainerWish(wish);
      const setting = settingOf(await facts(), runtime);
      const body = containerOptions(wish, setting);
      const id = await createDespiteLeftovers(wish.owner, () => create(wish, body), {
        list: () => listOf(client, wish.owner),
        remove,
        isInTheWay: (error) => statusBehind(error) === 409 && wordsBehind(error).includes("already in use"),
      });
      try {
        await attachOthers(wish, id);
        const deviations = findDeviations(await answerOf(client, id), wish, setting);
        if (deviations.length > 0) throw new NotHardenedError(deviations);
        endpoints.remember(
          id,
          wish.attachments.map(({ networkId }) => networkId),
        );
        return id;
      } catch (error) {
        // Should this fail too, the first failure says more, and the leftover bears its labels.
        await remove(id).catch(() => undefined);
        throw error;
      }
    },
    async inspect(id) {
      try {
        return readContainer(await answerOf(client, id));
      } catch (error) {
        if (isGone(error)) return undefined;
        throw error;
      }
    },
    removeContainer: remove,
  };
};
