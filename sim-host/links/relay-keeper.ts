import { DomainError } from "../../shared/kernel/errors.ts";
import type { Logger } from "../../shared/kernel/logger.ts";
import type { RelayProcess } from "./relay-process.ts";

/** The relay that runs now, whichever that is. */
export interface RelayKeeper {
  /** Starts one if there is none. @throws DomainError `unavailable` */
  relay(): Promise<RelayProcess>;
  /** The one that runs; undefined: none was needed, or it is being started again. */
  running(): RelayProcess | undefined;
  close(): Promise<void>;
}

interface RelayKeeperDeps {
  readonly start: () => Promise<RelayProcess>;
  /** A relay has taken the place of one that ended: it knows of nothing yet. Never rejects. */
  readonly onReplaced: () => Promise<void>;
  readonly logger: Logger;
}

const pauseMillisecondsMin = 50;
const pauseMillisecondsMax = 10_000;
/** One that has run for so long is not held responsible for the ends of earlier ones. */
const goodMilliseconds = 30_000;
const pingMilliseconds = 5000;

/** How long to wait after the end of a relay that has lived for so long: longer after each that has not lived well. */
const makePauses = (): ((lifeMilliseconds: number) => number) => {
  let next = pauseMillisecondsMin;
  return (lifeMilliseconds) => {
    const pause = lifeMilliseconds > goodMilliseconds ? pauseMillisecondsMin : next;
    next = Math.min(pauseMillisecondsMax, pause * 2);
    return pause;
  };
};

/** A ping without an answer ends a relay that hangs; that is all that is wanted of it. */
const keepAsking = (relay: RelayProcess): void => {
  const pulse = setInterval(() => void relay.ping().catch(() => undefined), pingMilliseconds).unref();
  void relay.ended.then(() => clearInterval(pulse));
};

/** Keeps one relay running from its first use on: one that ends or hangs is replaced, sooner at first than later. */
export const keepRelay = ({ start, onReplaced, logger }: RelayKeeperDeps): RelayKeeper => {
  const pauseAfter = makePauses();
  let current: Promise<RelayProcess> | undefined;
  let running: RelayProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isFirst = true;
  let isClosed = false;

  /** Lives one relay's life; answers why it is over. */
  const live = async (starting: Promise<RelayProcess>, isReplacement: boolean): Promise<string> => {
    try {
      const relay = await starting;
      running = relay;
      if (!relay.isPrompt) logger.warn("the link relay may not run in real time: delays are inexact on a busy machine");
      keepAsking(relay);
      if (isReplacement) void onReplaced();
      return await relay.ended;
    } catch (error) {
      return String(error);
    } finally {
      running = undefined;
      current = undefined;
    }
  };

  const launch = (): Promise<RelayProcess> => {
    clearTimeout(timer);
    const startedAt = performance.now();
    const starting = start();
    current = starting;
    void live(starting, !isFirst).then((reason) => {
      if (isClosed) return;
      const pauseMilliseconds = pauseAfter(performance.now() - startedAt);
      logger.error("the link relay is started again", { reason, pauseMilliseconds });
      // Somebody who needs it may have been faster.
      timer = setTimeout(() => void (current ?? launch()).catch(() => undefined), pauseMilliseconds);
    });
    isFirst = false;
    return starting;
  };

  return {
    async relay() {
      if (isClosed) throw new DomainError("unavailable", "The links are closed.");
      try {
        return await (current ?? launch());
      } catch (error) {
        throw new DomainError("unavailable", "The link relay does not start.", { cause: error });
      }
    },
    running: () => running,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      const relay = await current?.catch(() => undefined);
      await relay?.stop();
    },
  };
};
