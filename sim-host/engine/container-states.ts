import { DomainError } from "../../shared/kernel/errors.ts";
import type { DockerCalls, DockerClient } from "./docker-client.ts";
import { statusBehind, wordsBehind } from "./docker-failure.ts";
import type { EndpointTurns } from "./endpoint-turns.ts";
import type { ContainerState, DockerId, Engine } from "./ports.ts";

/** Well past the 5 seconds that a node has to end by itself. */
const changeMilliseconds = 30_000;

type States = Pick<Engine, "start" | "stop" | "pause" | "resume" | "kill">;

interface Change {
  /** Continues "could not". */
  readonly what: string;
  readonly act: (
    container: ReturnType<DockerCalls["container"]>,
    options: { readonly abortSignal: AbortSignal },
  ) => Promise<unknown>;
  /** States in which there is nothing left to do. */
  readonly reached: readonly ContainerState[];
}

const over: readonly ContainerState[] = ["exited", "created"];
const changes = {
  start: { what: "start a container", act: (container, options) => container.start(options), reached: ["running"] },
  stop: { what: "stop a container", act: (container, options) => container.stop(options), reached: over },
  kill: { what: "kill a container", act: (container, options) => container.kill(options), reached: over },
  pause: { what: "pause a container", act: (container, options) => container.pause(options), reached: ["paused"] },
  resume: { what: "resume a container", act: (container, options) => container.unpause(options), reached: ["running"] },
} as const satisfies Record<keyof States, Change>;

/** Answers to a change that the container has behind it, or that its state does not allow: 304, 409 and, for one that is not paused, 500. */
const saysState = (error: unknown): boolean => [304, 409, 500].includes(statusBehind(error) ?? 0);

/** Changes of a container's state. Each may be repeated: who is where the change leads is left there. */
export const containerStates = (client: DockerClient, inspect: Engine["inspect"], endpoints: EndpointTurns): States => {
  const make = async (id: DockerId, change: keyof States): Promise<void> => {
    const { what, act, reached }: Change = changes[change];
    const bounded = change === "stop" ? client.wait : client.call;
    try {
      await bounded(what, changeMilliseconds, (docker, abortSignal) => act(docker.container(id), { abortSignal }));
    } catch (error) {
      if (!saysState(error)) throw error;
      const seen = await inspect(id);
      if (seen === undefined || !reached.includes(seen.state)) throw error;
    }
  };

  /** Some releases refuse to end what is paused. */
  const end = async (id: DockerId, change: "stop" | "kill"): Promise<void> => {
    try {
      await make(id, change);
    } catch (error) {
      if (statusBehind(error) !== 409 || (await inspect(id))?.state !== "paused") throw error;
      await make(id, "resume");
      await make(id, change);
    }
  };

  const start = async (id: DockerId): Promise<void> => {
    try {
      await make(id, "start");
    } catch (cause) {
      // The engine notices a missing network only now, in the words for a missing container.
      if (statusBehind(cause) !== 404 || !/network \S+ not found/.test(wordsBehind(cause))) throw cause;
      throw new DomainError("conflict", "A network of the node is gone.", { cause });
    }
  };

  return {
    start: (id) => endpoints.coming(id, () => start(id)),
    stop: (id) => endpoints.going(id, () => end(id, "stop")),
    kill: (id) => endpoints.going(id, () => end(id, "kill")),
    pause: (id) => make(id, "pause"),
    resume: (id) => make(id, "resume"),
  };
};
