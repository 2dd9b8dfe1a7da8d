import { createSocket } from "node:dgram";
import type { Socket } from "node:net";
import { connect, createServer } from "node:net";
import type { HostListeners, OpenHostListeners } from "./ports.ts";
import { probeWords, readProbeWords } from "./probe-words.ts";

const timeoutMilliseconds = 2000;
/** The listeners' own probe; those of the self-test count from 1. */
const ownNumber = 0;

interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

type OnWords = (bytes: Uint8Array) => void;

const listenTcp = (host: string, onWords: OnWords): Promise<Listener> =>
  new Promise((resolve, reject) => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      socket.on("error", () => undefined);
      socket.once("data", (bytes) => {
        onWords(bytes);
        socket.end();
      });
    });
    const close = (): Promise<void> =>
      new Promise((done) => {
        server.close(() => done());
        sockets.forEach((socket) => socket.destroy());
      });
    server.once("error", reject);
    server.listen(0, host, () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("A listener has no port."));
      else resolve({ port: address.port, close });
    });
  });

const listenUdp = (host: string, onWords: OnWords): Promise<Listener> =>
  new Promise((resolve, reject) => {
    const socket = createSocket({ type: host === "::" ? "udp6" : "udp4" });
    const close = (): Promise<void> => new Promise((done) => socket.close(() => done()));
    socket.once("error", reject);
    socket.on("message", onWords);
    socket.bind({ port: 0, address: host }, () => resolve({ port: socket.address().port, close }));
  });

/** Both families at once; IPv4 alone where the kernel has no IPv6. */
const onEveryAddress = (listen: typeof listenTcp, onWords: OnWords): Promise<Listener> =>
  listen("::", onWords).catch(() => listen("0.0.0.0", onWords));

const sayTcp = (port: number): void => {
  const socket = connect(port, "127.0.0.1", () => socket.end(probeWords(ownNumber)));
  socket.on("error", () => undefined);
};

const sayUdp = (port: number): void => {
  const socket = createSocket("udp4");
  socket.send(probeWords(ownNumber), port, "127.0.0.1", () => socket.close());
};

interface Hearing {
  readonly onWords: OnWords;
  /** Rejects when the listener's own words do not arrive in time. */
  readonly itself: Promise<void>;
}

const hearInto = (heard: Set<number>): Hearing => {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const timer = setTimeout(
    () => reject(new Error("A listener of the host does not hear itself.")),
    timeoutMilliseconds,
  );
  // Nobody may wait for it yet when it fails.
  promise.catch(() => undefined);
  const onWords = (bytes: Uint8Array): void => {
    const number = readProbeWords(bytes);
    if (number === ownNumber) {
      clearTimeout(timer);
      resolve(undefined);
    } else if (number !== undefined) heard.add(number);
  };
  return { onWords, itself: promise };
};

/** Opens both on all of the host's addresses, in this process and its network namespace. */
export const openHostListeners: OpenHostListeners = async () => {
  const heard = new Set<number>();
  const opened: Listener[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.splice(0).map((listener) => listener.close()));
  };
  const open = async (listen: typeof listenTcp, say: (port: number) => void): Promise<number> => {
    const { onWords, itself } = hearInto(heard);
    const listener = await onEveryAddress(listen, onWords);
    opened.push(listener);
    say(listener.port);
    await itself;
    return listener.port;
  };
  try {
    const tcpPort = await open(listenTcp, sayTcp);
    const udpPort = await open(listenUdp, sayUdp);
    return { tcpPort, udpPort, heard: () => heard, close } satisfies HostListeners;
  } catch (error) {
    await close();
    throw error;
  }
};
