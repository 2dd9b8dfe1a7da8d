import type { Server } from "node:http";

const stopGraceMilliseconds = 2000;

/** Binds the server; port 0 lets the system choose. @throws when the address cannot be bound */
export const listen = (server: Server, host: string, port: number): Promise<{ address: string; port: number }> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const bound = server.address();
      if (bound === null || typeof bound === "string") reject(new Error("The server listens on no port."));
      else resolve(bound);
    });
  });

/** Takes no more requests, lets running ones end within two seconds, then cuts them off. */
export const close = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    const force = setTimeout(() => server.closeAllConnections(), stopGraceMilliseconds);
    server.close((error) => {
      clearTimeout(force);
      if (error === undefined) resolve();
      else reject(error);
    });
    server.closeIdleConnections();
  });
