import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { expect, test } from "vitest";
import type { BodyResult } from "./request-body.ts";
import { readBody } from "./request-body.ts";

/** What the server makes of a POST that announces 10 bytes and is sent as given. */
const receive = async (sent: string, isCutOff: boolean): Promise<BodyResult> => {
  const result = Promise.withResolvers<BodyResult>();
  const server = createServer((request, response) => {
    readBody(request, 1000).then((body) => {
      result.resolve(body);
      response.end();
    }, result.reject);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const socket = connect(address instanceof Object ? address.port : 0, "127.0.0.1");
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n${sent}`);
  if (isCutOff) {
    await once(server, "request");
    socket.destroy();
  }
  const body = await result.promise;
  socket.destroy();
  server.close();
  return body;
};

test("a body that arrives is read", async () => {
  expect(await receive("0123456789", false)).toEqual({ kind: "read", bytes: Buffer.from("0123456789") });
});

test("a client that goes away in the middle of its upload is no error", async () => {
  expect(await receive("012", true)).toEqual({ kind: "aborted" });
});
