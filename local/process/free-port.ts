import { createServer } from "node:net";

const listenOnce = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1" }, () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === "object") resolve(address.port);
        else reject(new Error("the probe for a free port has no address"));
      });
    });
  });

/** A TCP port of 127.0.0.1 that was free a moment ago. Whoever uses it must still be ready to find it taken. */
export const freePort = (): Promise<number> => listenOnce(0);

/** Whether a server could listen on 127.0.0.1:port right now. */
export const isPortFree = async (port: number): Promise<boolean> => {
  try {
    await listenOnce(port);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "EADDRINUSE" || error.code === "EACCES"))
      return false;
    throw error;
  }
};
