import { createServer } from "node:net";

const listenOnce = (port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ port, host, ipv6Only: host === "::1" }, () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === "object") resolve(address.port);
        else reject(new Error("the probe for a free port has no address"));
      });
    });
  });

/** A TCP port of 127.0.0.1 that was free a moment ago. Whoever uses it must still be ready to find it taken. */
export const freePort = (): Promise<number> => listenOnce(0, "127.0.0.1");

const takenCodes = ["EADDRINUSE", "EACCES"];
/** A machine without IPv6 has nobody at `::1`. */
const noSuchAddressCodes = ["EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"];

const isFreeAt = async (host: string, port: number): Promise<boolean> => {
  try {
    await listenOnce(port, host);
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (takenCodes.includes(code)) return false;
    if (host === "::1" && noSuchAddressCodes.includes(code)) return true;
    throw error;
  }
};

/** Whether the port is nobody's right now, under either address that `localhost` may mean. */
export const isPortFree = async (port: number): Promise<boolean> =>
  (await isFreeAt("127.0.0.1", port)) && (await isFreeAt("::1", port));
