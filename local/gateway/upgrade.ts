import { ServerResponse, type IncomingMessage } from "node:http";

const lingerMilliseconds = 2000;

/** Sent both ways when a WebSocket is asked for, as Kong does on every http route. */
export const upgradeHeaders = ["Connection", "Upgrade", "Upgrade", "websocket"] as const;

/** Kong looks for exactly this value; a list of protocols, or `h2c`, is passed to nobody and answered as if it were not there. */
export const isWebSocket = (upgrade: string | undefined): boolean => upgrade?.toLowerCase() === "websocket";

/** Whether a request may leave HTTP. One that brings a body is refused later, by `refuseAmbiguousRequest`. */
export const asksForWebSocket = ({ method, httpVersion, headers }: IncomingMessage): boolean =>
  method === "GET" && httpVersion === "1.1" && isWebSocket(headers.upgrade);

/**
 * An answer for a request that Node handed over with its bare connection, so that everything that answers requests can
 * answer this one. The connection is closed after it: what follows on it was meant for a WebSocket, not for us.
 */
export const responseTo = (request: IncomingMessage): ServerResponse => {
  const { socket } = request;
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  // Node took its own listeners away; an error without one would end the process. "close" follows and is what counts.
  socket.on("error", () => undefined);
  socket.once("end", () => {
    // Who closes before there is an answer has gone away; a tunnel takes the connection before that can matter to it.
    if (response.socket !== null) socket.destroy();
  });
  response.once("finish", () => {
    response.detachSocket(socket);
    socket.end();
    socket.resume();
    const timer = setTimeout(() => socket.destroy(), lingerMilliseconds);
    socket.once("close", () => clearTimeout(timer));
  });
  return response;
};
