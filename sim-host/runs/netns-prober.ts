import type { Logger } from "../../shared/kernel/logger.ts";
import type { Prober, ProbeTarget } from "./ports.ts";
import type { Order, ProbeChild } from "./probe-child.ts";
import { startProbeChild } from "./probe-child.ts";
import type { ProberRoom } from "./prober-room.ts";
import { makeProberRoom } from "./prober-room.ts";

/** A file that Docker keeps for a network namespace: `/run/docker/netns/0123456789ab` and its like. */
const sandboxForm = /^(?:\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+\/netns\/[0-9a-f]{8,64}$/;

interface ProberOptions {
  /** Of all runs together: each takes some 50 MB. */
  readonly childrenMax: number;
  readonly log: Logger;
}

const orderOf = ({ addresses, probe }: ProbeTarget, timeoutMilliseconds: number): Order => {
  const { kind, port, to } = probe;
  const order = { kind, addresses, port, timeoutMilliseconds };
  return probe.kind === "http" ? { ...order, path: probe.path, status: probe.status, host: to } : order;
};

/** Over at once. */
const nothingToTry: Order = { kind: "tcp", addresses: [], port: 1, timeoutMilliseconds: 0 };

/** The programs of one prober, by the namespace that they are in. */
const makeChildren = (room: ProberRoom) => {
  const children = new Map<string, Promise<ProbeChild>>();
  const start = (sandboxKey: string): Promise<ProbeChild> => {
    const starting = room.start(() => startProbeChild(sandboxKey));
    children.set(sandboxKey, starting);
    const forget = (): void => {
      if (children.get(sandboxKey) === starting) children.delete(sandboxKey);
    };
    starting.then((child) => void child.ended.then(forget), forget);
    return starting;
  };
  return {
    of: (sandboxKey: string): Promise<ProbeChild> => children.get(sandboxKey) ?? start(sandboxKey),
    async end(): Promise<void> {
      const started = await Promise.allSettled(children.values());
      const mine = started.flatMap((child) => (child.status === "fulfilled" ? [child.value] : []));
      for (const child of mine) child.kill();
      await Promise.all(mine.map(({ ended }) => ended));
    },
  };
};

/**
 * Makes probers that try from inside nodes' network namespaces: one program for each node, started when it is first needed.
 * Needs the rights of root, nsenter and setpriv.
 */
export const netnsProbers = ({ childrenMax, log }: ProberOptions): (() => Prober) => {
  const room = makeProberRoom(childrenMax);
  return () => {
    const children = makeChildren(room);
    const closing = new AbortController();
    const isClosed = (): boolean => closing.signal.aborted;
    const ask = async (sandboxKey: string, order: Order) => {
      const present = await children.of(sandboxKey);
      // It may just have had to make room for another one.
      if (!present.isUsable()) await present.ended;
      const child = present.isUsable() ? present : await children.of(sandboxKey);
      room.use(child);
      return child.ask(order).finally(room.rested);
    };
    return {
      async prepare({ sandboxKey }) {
        // Its first probe says what is wrong.
        if (!isClosed() && sandboxForm.test(sandboxKey)) await ask(sandboxKey, nothingToTry).catch(() => undefined);
      },
      async probe({ sandboxKey }, target, timeoutMilliseconds) {
        if (isClosed()) throw new Error("the prober is closed");
        if (!sandboxForm.test(sandboxKey)) throw new Error("this is not a network namespace of the engine");
        try {
          const { isLate, ...outcome } = await ask(sandboxKey, orderOf(target, timeoutMilliseconds));
          if (isLate) throw new Error("the host was too busy to make it in time");
          return outcome;
        } catch (error) {
          const reason = error instanceof Error ? error.message : "not an error";
          if (!isClosed()) log.warn("a probe could not be made", { node: target.probe.from, reason });
          throw error;
        }
      },
      async close() {
        closing.abort();
        await children.end();
      },
    };
  };
};
