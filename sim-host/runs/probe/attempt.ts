import { request } from "node:http";
import { connect } from "node:net";
import type { ProbeAnswer, ProbeOrder } from "./messages.ts";
import { machineMilliseconds } from "./messages.ts";

type Attempt = Omit<ProbeAnswer, "id">;
type Say = (isReached: boolean, detail: string) => void;

const headerBytesMax = 16 * 1024;

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refused",
  ECONNRESET: "reset",
  EPIPE: "reset",
  EHOSTUNREACH: "no way there",
  ENETUNREACH: "no way there",
  ETIMEDOUT: "no answer",
  HPE_HEADER_OVERFLOW: "an answer with too long a head",
};

/** Nothing that a node said: it is not to be trusted with what people read. */
const wordsOf = (error: NodeJS.ErrnoException): string => {
  const code = error.code ?? "";
  return words[code] ?? (code.startsWith("HPE_") ? "not an answer of HTTP" : "failed");
};

/** Each begins one attempt, says once what came of it, and returns what ends it. */
const tryTcp = ({ port }: ProbeOrder, address: string, say: Say): (() => void) => {
  const socket = connect({ host: address, port });
  socket.on("connect", () => {
    say(true, "connected");
    socket.end();
  });
  socket.on("error", (error) => say(false, wordsOf(error)));
  return () => void socket.destroy();
};

const tryHttp = ({ port, path, status, host }: ProbeOrder, address: string, say: Say): (() => void) => {
  const ask = request({
    ...{ host: address, port, path, method: "GET", agent: false, maxHeaderSize: headerBytesMax },
    headers: { host: `${host ?? address}:${port}`, "user-agent": "kombify-probe", connection: "close" },
  });
  ask.on("response", (answer) => {
    const seen = answer.statusCode ?? 0;
    say(seen === status, seen === status ? `status ${seen}` : `status ${seen} instead of ${status ?? 0}`);
    // What it goes on to say is nobody's concern.
    ask.destroy();
  });
  ask.on("error", (error) => say(false, wordsOf(error)));
  ask.end();
  return () => void ask.destroy();
};

const tenths = (milliseconds: number): number => Math.max(0, Math.round(milliseconds * 10) / 10);

/** Tries all addresses at the same time until one is reached, all have failed or the time is over. */
export const attempt = (order: ProbeOrder): Promise<Attempt> =>
  new Promise((resolve) => {
    const startedAt = machineMilliseconds();
    const waitedMilliseconds = tenths(startedAt - order.givenAtMilliseconds);
    if (startedAt >= order.untilMilliseconds) {
      resolve({ isLate: true, waitedMilliseconds, isReached: false, milliseconds: 0, detail: "too late" });
      return;
    }
    const ends: (() => void)[] = [];
    let open = order.addresses.length;
    const finish = (isReached: boolean, detail: string): void => {
      clearTimeout(timer);
      const milliseconds = tenths(machineMilliseconds() - startedAt);
      for (const end of ends) end();
      resolve({ isLate: false, waitedMilliseconds, isReached, milliseconds, detail });
    };
    const timer = setTimeout(() => finish(false, "no answer"), order.untilMilliseconds - startedAt);
    const begin = order.kind === "tcp" ? tryTcp : tryHttp;
    for (const address of order.addresses) {
      let isSaid = false;
      const say: Say = (isReached, detail) => {
        if (isSaid) return;
        isSaid = true;
        open -= 1;
        if (isReached || open === 0) finish(isReached, detail);
      };
      ends.push(begin(order, address, say));
    }
  });
