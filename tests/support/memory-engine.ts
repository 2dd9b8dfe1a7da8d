import { randomBytes } from "node:crypto";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { ContainerWish, DockerId, Engine, NetworkWish, SeenContainer } from "../../sim-host/engine/ports.ts";

interface Container {
  readonly wish: ContainerWish;
  state: SeenContainer["state"];
  starts: number;
}

export interface MemoryEngine extends Engine {
  readonly containers: ReadonlyMap<string, Container>;
  readonly networks: ReadonlyMap<string, NetworkWish>;
  /** Called before each call that changes something and after it; may throw to "kill" the caller there. */
  onCall: (name: string, moment: "before" | "after") => void;
  /** Ends a container's process from inside. */
  end(node: string): void;
}

/** Made here, so it has the form that `docker-id.ts` asks for. */
const newId = (): DockerId => randomBytes(32).toString("hex") as DockerId;

const nothing = (): never => {
  throw new Error("The engine in memory has no processes.");
};

/** An engine that keeps the rules of the real one which the reconciler relies on; tests/e2e hold the real one to them. */
export const memoryEngine = (): MemoryEngine => {
  const containers = new Map<string, Container>();
  const networks = new Map<string, NetworkWish>();
  const seen = (id: string, { wish, state }: Container): SeenContainer => ({
    id: id as DockerId,
    owner: wish.owner,
    state,
    sandboxKey: state === "running" || state === "paused" ? `/run/netns/${id.slice(0, 12)}` : "",
    attachments: wish.attachments.map(({ networkId, ipAddress }) => ({
      ...{
        networkId,
        ipAddress,
        macAddress: `02:42:${ipAddress
          .split(".")
          .map((part) => Number(part).toString(16).padStart(2, "0"))
          .join(":")}`,
      },
    })),
    ...(state === "exited" ? { exitCode: 137 } : {}),
  });
  const isOf = (wish: { owner: ContainerWish["owner"] }, only?: { tenantId: string; simulationId: string }): boolean =>
    only === undefined || (wish.owner.tenantId === only.tenantId && wish.owner.simulationId === only.simulationId);
  const call = async <T>(name: string, act: () => T): Promise<T> => {
    await Promise.resolve();
    engine.onCall(name, "before");
    const result = act();
    engine.onCall(name, "after");
    return result;
  };
  const need = (id: DockerId): Container => {
    const container = containers.get(id);
    if (container === undefined) throw new DomainError("not-found", "no such container");
    return container;
  };
  const engine: MemoryEngine = {
    containers,
    networks,
    onCall: () => undefined,
    end(node) {
      for (const container of containers.values()) if (container.wish.owner.part === node) container.state = "exited";
    },
    ping: () => Promise.resolve({ version: "0", runtimes: [] }),
    list: (only) =>
      Promise.resolve({
        containers: [...containers]
          .filter(([, { wish }]) => isOf(wish, only))
          .map(([id, container]) => seen(id, container)),
        networks: [...networks]
          .filter(([, wish]) => isOf(wish, only))
          .map(([id, { owner, subnet, bridgeName }]) => ({ id: id as DockerId, owner, subnet, bridgeName })),
      }),
    createNetwork: (wish) =>
      call("createNetwork", () => {
        if ([...networks.values()].some(({ subnet }) => subnet === wish.subnet)) throw new Error("Pool overlaps");
        const id = newId();
        networks.set(id, wish);
        return id;
      }),
    createContainer: (wish) =>
      call("createContainer", () => {
        if (wish.attachments.some(({ networkId }) => !networks.has(networkId))) throw new Error("network not found");
        const id = newId();
        containers.set(id, { wish, state: "created", starts: 0 });
        return id;
      }),
    inspect: (id) => {
      const container = containers.get(id);
      return Promise.resolve(container === undefined ? undefined : seen(id, container));
    },
    start: (id) =>
      call("start", () => {
        const container = need(id);
        if (container.wish.attachments.some(({ networkId }) => !networks.has(networkId)))
          throw new Error("network not found");
        if (container.state === "paused") throw new Error("cannot start a paused container");
        if (container.state !== "running") container.starts += 1;
        container.state = "running";
      }),
    stop: (id) =>
      call("stop", () => {
        if (need(id).state === "paused") throw new Error("container is paused");
        need(id).state = "exited";
      }),
    pause: (id) =>
      call("pause", () => {
        if (need(id).state !== "running") throw new Error("container is not running");
        need(id).state = "paused";
      }),
    resume: (id) =>
      call("resume", () => {
        if (need(id).state === "paused") need(id).state = "running";
      }),
    kill: (id) => call("kill", () => void (need(id).state = "exited")),
    removeContainer: (id) => call("removeContainer", () => void containers.delete(id)),
    removeNetwork: (id) =>
      call("removeNetwork", () => {
        const isUsed = [...containers.values()].some(({ wish }) =>
          wish.attachments.some(({ networkId }) => networkId === id),
        );
        if (isUsed) throw new Error("network has active endpoints");
        networks.delete(id);
      }),
    // eslint-disable-next-line @typescript-eslint/require-await, require-yield -- it never has news
    watch: async function* (): AsyncGenerator<never> {
      return;
    },
    logs: nothing,
    stats: nothing,
    run: nothing,
    terminal: nothing,
  };
  return engine;
};
