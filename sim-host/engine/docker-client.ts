import { Agent } from "node:http";
import { inspect } from "node:util";
import Docker from "dockerode";
import type { CallSlots } from "./call-slots.ts";
import { callSlots } from "./call-slots.ts";
import { dockerFailure } from "./docker-failure.ts";
import { dockerId } from "./docker-id.ts";
import type { DockerId } from "./ports.ts";

const atOnceMax = 32;
const waitingAtOnceMax = 64;
const waitMilliseconds = 60_000;
const openMilliseconds = 10_000;

/** The engine's API, with ids as the only way to a container, network or command. */
export interface DockerCalls {
  readonly all: Pick<
    Docker,
    "listContainers" | "listNetworks" | "listImages" | "createContainer" | "createNetwork" | "getEvents"
  >;
  info(signal: AbortSignal): Promise<unknown>;
  container(id: DockerId): Docker.Container;
  network(id: DockerId): Docker.Network;
  exec(id: DockerId): Docker.Exec;
}

/** `what` continues "could not" in failures. The signal must be handed to the call: it ends the call's socket with its time. */
export type BoundedCall = <T>(
  what: string,
  timeoutMilliseconds: number,
  act: (docker: DockerCalls, signal: AbortSignal) => Promise<T>,
) => Promise<T>;

/** Where and only where the engine is spoken to. */
export interface DockerClient {
  /** A short call: waits for one of the slots. @throws DomainError `unavailable` and those of the engine's answers */
  readonly call: BoundedCall;
  /** As `call`, for what mostly waits for a container: it must not keep the others from their slots. */
  readonly wait: BoundedCall;
  /**
   * Opens what flows for long. Opening is bounded in time; from then on `ended` ends it. It takes no slot.
   * @throws as `call`
   */
  readonly open: <T extends NodeJS.ReadableStream>(
    what: string,
    ended: AbortSignal,
    act: (docker: DockerCalls, signal: AbortSignal) => Promise<T>,
  ) => Promise<T>;
}

const until = <T>(signal: AbortSignal, act: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const onAbort = (): void =>
      reject(signal.reason instanceof Error ? signal.reason : new Error("The call was given up."));
    signal.addEventListener("abort", onAbort, { once: true });
    act.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });

const boundedCall =
  (docker: DockerCalls, slots: CallSlots): BoundedCall =>
  (what, timeoutMilliseconds, act) =>
    slots(async () => {
      const signal = AbortSignal.timeout(timeoutMilliseconds);
      try {
        // The signal ends the socket, but an answer cut off in its middle would never settle the client's promise.
        return await until(signal, act(docker, signal));
      } catch (cause) {
        throw dockerFailure(what, cause);
      }
    });

const boundedOpen =
  (docker: DockerCalls): DockerClient["open"] =>
  async (what, ended, act) => {
    const opening = new AbortController();
    const timer = setTimeout(
      () => opening.abort(new DOMException("Not opened in time.", "TimeoutError")),
      openMilliseconds,
    );
    const signal = AbortSignal.any([ended, opening.signal]);
    try {
      const stream = await until(signal, act(docker, signal));
      // Who reads it learns of errors; while nobody does, they must not end the process.
      stream.on("error", () => undefined);
      return stream;
    } catch (cause) {
      throw dockerFailure(what, cause);
    } finally {
      clearTimeout(timer);
    }
  };

const callsOf = (docker: Docker): DockerCalls => ({
  all: docker,
  // The client takes a signal here too; only its types do not say so.
  info: async (signal) => {
    const answer: unknown = await Reflect.apply(docker.info.bind(docker), undefined, [{ abortSignal: signal }]);
    return answer;
  },
  container: (id) => docker.getContainer(dockerId(id)),
  network: (id) => docker.getNetwork(dockerId(id)),
  exec: (id) => docker.getExec(dockerId(id)),
});

/**
 * A socket per call: one that is kept open would be dead after the engine's restart. The client describes all that a call is made
 * with, in depth and each time, for a log that nobody reads: of an agent that is every call under way, which took more time than
 * the calls. So this one has nothing to tell.
 */
const socketPerCall = (): Agent =>
  Object.assign(new Agent({ keepAlive: false }), { [inspect.custom]: () => "a socket per call" });

/** The engine behind a unix socket; nothing of the environment (`DOCKER_HOST` and its like) is followed. */
export const dockerClient = (socketPath: string): DockerClient => {
  const unset = {
    host: undefined,
    port: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
    timeout: undefined,
  };
  const options = { ...unset, socketPath, protocol: "http" as const, agent: socketPerCall() };
  const docker = callsOf(new Docker(options));
  return {
    call: boundedCall(docker, callSlots(atOnceMax, waitMilliseconds)),
    wait: boundedCall(docker, callSlots(waitingAtOnceMax, waitMilliseconds)),
    open: boundedOpen(docker),
  };
};
