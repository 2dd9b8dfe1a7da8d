import type { Logger } from "../../shared/kernel/logger.ts";
import { sandboxKeyForm } from "../engine/ports.ts";
import type { Prober, ProbeTarget } from "./ports.ts";
import { machineMilliseconds } from "./probe/messages.ts";
import type { Order, ProbeChild } from "./probe-child.ts";
import type { RunPlaces } from "./prober-room.ts";
import { makeProberRoom } from "./prober-room.ts";

const tooBusy = "the host was too busy to make it in time";

type StartChild = (sandboxKey: string) => ProbeChild;

interface ProberOptions {
  /** Of all runs together: each takes some 50 MB. */
  readonly childrenMax: number;
  readonly startChild: StartChild;
  readonly log: Logger;
}

type Span = Pick<Order, "givenAtMilliseconds" | "untilMilliseconds">;

const orderOf = ({ addresses, probe }: ProbeTarget, span: Span): Order => {
  const { kind, port, to } = probe;
  const order = { kind, addresses, port, ...span };
  return probe.kind === "http" ? { ...order, path: probe.path, status: probe.status, host: to } : order;
};

/** The programs of one prober, by the namespace that they are in. */
const makeChildren = (places: RunPlaces, startChild: StartChild) => {
  const children = new Map<string, Promise<ProbeChild>>();
  const start = (sandboxKey: string): Promise<ProbeChild> => {
    const starting = places.start(() => startChild(sandboxKey));
    children.set(sandboxKey, starting);
    const forget = (): void => {
      if (children.get(sandboxKey) === starting) children.delete(sandboxKey);
    };
    starting.then((child) => void child.ended.then(forget), forget);
    return starting;
  };
  /** Does something with the one in this namespace, at once: it must not look as if it rested while it is waited for. */
  const reach = async <T>(sandboxKey: string, act: (child: ProbeChild) => T): Promise<readonly [T]> => {
    const known = children.get(sandboxKey);
    const present = await known;
    if (present !== undefined && places.isUsable(present)) return [act(present)];
    // Somebody else who needs it may have started another one by now.
    if (children.get(sandboxKey) !== known) return reach(sandboxKey, act);
    return [act(await start(sandboxKey))];
  };
  return { reach };
};

/** @throws Error when the time is over before the work is done */
const inTime = async <T>(work: Promise<T>, untilMilliseconds: number): Promise<T> => {
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => over.reject(new Error(tooBusy)),
    Math.max(0, untilMilliseconds - machineMilliseconds()),
  );
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    clearTimeout(timer);
  }
};

/**
 * Makes probers that try from inside nodes' network namespaces: one program for each node, started when it is first needed.
 * Each prober is of one run. Needs the rights of root, nsenter and setpriv.
 */
export const netnsProbers = ({ childrenMax, startChild, log }: ProberOptions): (() => Prober) => {
  const room = makeProberRoom({ childrenMax, nowMilliseconds: machineMilliseconds });
  return () => {
    const places = room.enter();
    const children = makeChildren(places, startChild);
    const closing = new AbortController();
    const isClosed = (): boolean => closing.signal.aborted;
    const ask = async (sandboxKey: string, order: Order) => {
      const asking = children.reach(sandboxKey, (child) => {
        const answer = places.use(child, child.ask(order));
        // Its time may be over, and nobody listens any more.
        answer.catch(() => undefined);
        return answer;
      });
      const [answer] = await inTime(asking, order.untilMilliseconds);
      return answer;
    };
    return {
      async prepare({ sandboxKey }) {
        if (isClosed() || !sandboxKeyForm.test(sandboxKey)) return;
        const preparing = children.reach(sandboxKey, ({ ready }) => ready);
        // Its first probe says what is wrong.
        const [ready] = await preparing.catch(() => []);
        await ready;
      },
      async probe({ sandboxKey }, target, timeoutMilliseconds) {
        // From here on: what a probe waits for, whatever it is, is part of its time.
        const givenAtMilliseconds = machineMilliseconds();
        const span = { givenAtMilliseconds, untilMilliseconds: givenAtMilliseconds + timeoutMilliseconds };
        if (isClosed()) throw new Error("the prober is closed");
        try {
          if (!sandboxKeyForm.test(sandboxKey)) throw new Error("this is not a network namespace of the engine");
          const { isLate, ...outcome } = await ask(sandboxKey, orderOf(target, span));
          if (isLate) throw new Error(tooBusy);
          return outcome;
        } catch (error) {
          const reason = error instanceof Error ? error.message : "not an error";
          if (!isClosed()) log.warn("a probe could not be made", { node: target.probe.from, reason });
          throw error;
        }
      },
      async close() {
        closing.abort();
        await places.end();
      },
    };
  };
};
