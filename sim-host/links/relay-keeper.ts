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

/** A ping without an answer ends a relay that hangs; that is all that is wanted of it. */
const keepAsking = (relay: RelayProcess): void => {
  const pulse = setInterval(() => void relay.ping().catch(() => undefined), pingMilliseconds).unref();
  void relay.ended.then(() => clearInterval(pulse));
};

/** Keeps one relay running from its first use on: one that ends or hangs is replaced, sooner at first than later. */
export const keepRelay = ({ start, onReplaced, logger }: RelayKeeperDeps): RelayKeeper => {
  let current: Promise<RelayProcess> | undefined;
  let running: RelayProcess | undefined;
  let pauseMilliseconds = pauseMillisecondsMin;
  let timer: NodeJS.Timeout | undefined;
  let launches = 0;
  let isClosed = false;

  const watch = (relay: RelayProcess): void => {
    running = relay;
    const startedAt = performance.now();
    keepAsking(relay);
    void relay.ended.then((reason) => {
      if (performance.now() - startedAt > goodMilliseconds) pauseMilliseconds = pauseMillisecondsMin;
      running = undefined;
      current = undefined;
      if (!isClosed) replaceLater(reason);
    });
  };

  const launch = (): Promise<RelayProcess> => {
    clearTimeout(timer);
    const isFirst = launches === 0;
    launches += 1;
    current = start().then((relay) => {
      watch(relay);
      // Whoever has it started, a port that needs it or the end of the one before.
      if (!isFirst) void onReplaced();
      return relay;
    });
    return current;
  };

  const replaceLater = (reason: string): void => {
    logger.error("the link relay is started again", { reason, pauseMilliseconds });
    timer = setTimeout(() => void replace(), pauseMilliseconds);
    pauseMilliseconds = Math.min(pauseMillisecondsMax, pauseMilliseconds * 2);
  };

  const replace = async (): Promise<void> => {
    try {
      await (current ?? launch());
    } catch (error) {
      current = undefined;
      if (!isClosed) replaceLater(String(error));
    }
  };

  return {
    async relay() {
      if (isClosed) throw new DomainError("unavailable", "The links are closed.");
      try {
        return await (current ?? launch());
      } catch (error) {
        current = undefined;
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
