import { DomainError } from "../../shared/kernel/errors.ts";
import type { DockerCalls, DockerClient } from "./docker-client.ts";
import { statusBehind, wordsBehind } from "./docker-failure.ts";
import type { ContainerState, DockerId, Engine } from "./ports.ts";

/** Well past the 5 seconds that a node has to end by itself. */
const changeMilliseconds = 30_000;

type States = Pick<Engine, "start" | "stop" | "pause" | "resume" | "kill">;
type Change = (
  container: ReturnType<DockerCalls["container"]>,
  options: { abortSignal: AbortSignal },
) => Promise<unknown>;

/** Answers to a change that the container has behind it, or that its state does not allow: 304, 409 and, for one that is not paused, 500. */
const saysState = (error: unknown): boolean => [304, 409, 500].includes(statusBehind(error) ?? 0);

/** Makes a change, or learns that the container is where it leads. */
const changer =
  (client: DockerClient, inspect: Engine["inspect"]) =>
  async (id: DockerId, what: string, act: Change, reached: readonly ContainerState[]): Promise<void> => {
    try {
      await client.call(what, changeMilliseconds, (docker, abortSignal) => act(docker.container(id), { abortSignal }));
    } catch (error) {
      if (!saysState(error)) throw error;
      const seen = await inspect(id);
      if (seen === undefined || !reached.includes(seen.state)) throw error;
    }
  };

/** Changes of a container's state. Each may be repeated: who is where the change leads is left there. */
export const containerStates = (client: DockerClient, inspect: Engine["inspect"]): States => {
  const change = changer(client, inspect);
  const resume = (id: DockerId): Promise<void> =>
    change(id, "resume a container", (container, options) => container.unpause(options), ["running"]);

  /** Some releases refuse to end what is paused. */
  const end = async (id: DockerId, what: string, act: Change): Promise<void> => {
    try {
      await change(id, what, act, ["exited", "created"]);
    } catch (error) {
      if (statusBehind(error) !== 409 || (await inspect(id))?.state !== "paused") throw error;
      await resume(id);
      await change(id, what, act, ["exited", "created"]);
    }
  };

  const start = async (id: DockerId): Promise<void> => {
    try {
      await change(id, "start a container", (container, options) => container.start(options), ["running"]);
    } catch (cause) {
      // The engine notices a missing network only now, in the words for a missing container.
      if (statusBehind(cause) !== 404 || !/network \S+ not found/.test(wordsBehind(cause))) throw cause;
      throw new DomainError("conflict", "A network of the node is gone.", { cause });
    }
  };

  return {
    start,
    resume,
    stop: (id) => end(id, "stop a container", (container, options) => container.stop(options)),
    kill: (id) => end(id, "kill a container", (container, options) => container.kill(options)),
    pause: (id) => change(id, "pause a container", (container, options) => container.pause(options), ["paused"]),
  };
};
