import { z } from "zod";
import { containerStates } from "./container-states.ts";
import { containers } from "./containers.ts";
import type { DockerClient } from "./docker-client.ts";
import { dockerClient } from "./docker-client.ts";
import { endpointTurns } from "./endpoint-turns.ts";
import type { EngineFacts } from "./engine-facts.ts";
import { readEngineFacts } from "./engine-facts.ts";
import { labelFilter } from "./labels.ts";
import { networks } from "./networks.ts";
import { observations } from "./observations.ts";
import type { Engine } from "./ports.ts";
import type { SendSignal } from "./executions.ts";
import { programStarter } from "./programs.ts";
import { commandRunner } from "./run-command.ts";
import { readContainers, readNetworks } from "./seen-things.ts";
import { terminalOpener } from "./terminal.ts";

const pingMilliseconds = 5000;
const listMilliseconds = 20_000;

const Images = z.array(z.object({ Id: z.string() }));

/** What the host needs besides the port, at its start. */
export interface DockerEngine extends Engine {
  /** @throws DomainError `unavailable` when the engine does not answer */
  facts(): Promise<EngineFacts>;
  /** Ids of all images that the engine has. */
  imageIds(): Promise<ReadonlySet<string>>;
}

export interface DockerEngineOptions {
  /** The engine's unix socket. Who can open it is root on the host. */
  readonly socketPath: string;
  /** The runtime that nodes run in, as in `runsc`; absent: the engine's default one. Nothing is made when the engine lacks it. */
  readonly runtime?: string;
  readonly sendSignal?: SendSignal;
}

/** Asks once and remembers until asked anew: another engine may answer after a restart, so each ping asks anew. */
const factsOf = ({ call }: DockerClient) => {
  let known: EngineFacts | undefined;
  const ask = async (): Promise<EngineFacts> => {
    known = undefined;
    known = await call("say what it is", pingMilliseconds, async (docker, signal) =>
      readEngineFacts(await docker.info(signal)),
    );
    return known;
  };
  return { ask, recall: async (): Promise<EngineFacts> => known ?? ask() };
};

const lister =
  ({ call }: DockerClient): Engine["list"] =>
  async (only) => {
    const filters = { label: labelFilter(only) };
    const [containersOfOurs, networksOfOurs] = await Promise.all([
      call("list containers", listMilliseconds, async (docker, abortSignal) =>
        readContainers(await docker.all.listContainers({ all: true, filters, abortSignal })),
      ),
      call("list networks", listMilliseconds, async (docker, abortSignal) =>
        readNetworks(await docker.all.listNetworks({ filters, abortSignal })),
      ),
    ]);
    return { containers: containersOfOurs, networks: networksOfOurs };
  };

/** Simulations on a Docker engine of this machine (release 20.10 or later), through its unix socket. */
export const dockerEngine = ({ socketPath, runtime, sendSignal }: DockerEngineOptions): DockerEngine => {
  const client = dockerClient(socketPath);
  const { ask, recall } = factsOf(client);
  const endpoints = endpointTurns(client, recall);
  const nodes = containers(client, endpoints, recall, runtime);
  const start = programStarter(client, sendSignal ?? ((pid, signal) => process.kill(pid, signal)));
  return {
    async ping() {
      const { version, runtimes } = await ask();
      return { version, runtimes };
    },
    facts: ask,
    imageIds() {
      return client.call("list images", listMilliseconds, async (docker, abortSignal) => {
        const images = Images.parse(await docker.all.listImages({ all: true, abortSignal }));
        return new Set(images.map(({ Id }) => Id));
      });
    },
    list: lister(client),
    ...networks(client, recall),
    ...nodes,
    ...containerStates(client, nodes.inspect, endpoints),
    ...observations(client),
    run: commandRunner(start),
    terminal: terminalOpener(start),
  };
};
