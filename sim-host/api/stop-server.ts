import type { FastifyInstance } from "fastify";

const sweepMilliseconds = 50;

/**
 * Takes no more requests, ends streams and terminals, lets running requests end, and cuts them off when they take longer.
 * Safe to call again.
 */
export const stopServer = async (app: FastifyInstance, graceMilliseconds: number): Promise<void> => {
  // A connection that was busy when closing began would be kept open for its next request.
  const sweep = setInterval(() => app.server.closeIdleConnections(), sweepMilliseconds);
  const force = setTimeout(() => {
    // Sockets that were switched to are no connections of HTTP any more.
    for (const socket of app.websocketServer.clients) socket.terminate();
    app.server.closeAllConnections();
  }, graceMilliseconds);
  try {
    await app.close();
  } finally {
    clearInterval(sweep);
    clearTimeout(force);
  }
};
