import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import WebSocket, { type ClientOptions } from "ws";
import { ask, askRaw } from "./gateway-client.ts";
import { forged } from "./gateway-scenario.ts";
import { refusal, terminalProtocol } from "./gateway-sim-host.ts";
import { simHostKey } from "./gateway-stage.ts";
import type { Stage } from "./gateway-stages.ts";

const terminals = "/v1/simulation-terminals";
const handshakeTimeoutMilliseconds = 10_000;

/** How long a test waits for what comes of itself; other tests may have the machine meanwhile. */
const bounded = { timeout: 10_000 };
/** A request for a WebSocket that is as it should be; `close` is there for answers that leave HTTP as it is. */
const upgradeLines = [
  "Host: a",
  "Connection: Upgrade, close",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];
const rawRequest = (method: string, path: string, lines: readonly string[], body = ""): string =>
  `${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`;

interface Message {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

const nextMessage = (socket: WebSocket): Promise<Message> =>
  new Promise((resolve, reject) => {
    socket.once("message", (data: Buffer, isBinary) => resolve({ data, isBinary }));
    socket.once("error", reject);
    socket.once("close", (code) => reject(new Error(`closed with ${code} before there was a message`)));
  });

/** What every gateway of ours must do with WebSockets, local or real. */
export const describeWebSockets = (stage: () => Stage): void => {
  let count = 0;
  const nextId = () => `socket-${process.pid}-${(count += 1)}`;
  const open = (path: string, options: ClientOptions = {}, protocols: string[] = []) =>
    new WebSocket(`${stage().url.replace(/^http/, "ws")}${terminals}${path}`, protocols, {
      handshakeTimeout: handshakeTimeoutMilliseconds,
      ...options,
    });
  const connected = async (...args: Parameters<typeof open>) => {
    const socket = open(...args);
    await once(socket, "open");
    return socket;
  };
  const closed = async (socket: WebSocket) => {
    if (socket.readyState === WebSocket.CLOSED) return;
    const isClosed = once(socket, "close");
    socket.close();
    await isClosed;
  };
  const expectUnseen = (requestId: string) => {
    const { functions, stack, simHost } = stage();
    expect([functions, stack, simHost].map(({ seen }) => seen(requestId))).toEqual([undefined, undefined, undefined]);
  };

  it.each([
    ["a text", "ls -l\r\n", false],
    ["bytes that are no text", Buffer.from([0, 255, 128, 13, 10]), true],
    ["an empty message", "", false],
    ["5 MB", randomBytes(5_000_000), true],
  ])("carries %s through a WebSocket and back", async (_, data, isBinary) => {
    const socket = await connected("/echo");
    const answer = nextMessage(socket);
    socket.send(data, { binary: isBinary });
    const { data: received, isBinary: isBinaryBack } = await answer;
    expect(isBinaryBack).toBe(isBinary);
    expect(received.equals(Buffer.from(data))).toBe(true);
    await closed(socket);
  });

  it("carries a message in fragments, with a ping between them", async () => {
    const socket = await connected("/echo");
    const answer = nextMessage(socket);
    const pong = once(socket, "pong");
    socket.send("one ", { fin: false });
    socket.ping("still there?");
    socket.send("two ", { fin: false });
    socket.send("three", { fin: true });
    expect((await answer).data.toString()).toBe("one two three");
    expect(String((await pong)[0])).toBe("still there?");
    await closed(socket);
  });

  it("passes on what the upstream says in one breath with its answer, and why it closes", async () => {
    const greeted = open("/greeting");
    expect((await nextMessage(greeted)).data.toString()).toBe("welcome");
    await closed(greeted);
    const left = await connected("/leaving");
    const end = once(left, "close");
    left.send("bye");
    expect((await end).map(String)).toEqual(["4000", "idle"]);
  });

  it("hands the ticket on in the subprotocol, with a proof of its own and without what the client says it is", async () => {
    const requestId = nextId();
    const headers = Object.fromEntries([["X-Request-ID", requestId], ...forged("evil")]);
    const socket = open("/echo?a=1&code=evil", { headers }, [terminalProtocol, "ticket.t0p-s3cret"]);
    const answered = new Promise<IncomingMessage>((resolve) => void socket.once("upgrade", resolve));
    const [{ headers: answer }] = await Promise.all([answered, once(socket, "open")]);
    expect(socket.protocol).toBe(terminalProtocol);
    expect(answer).toMatchObject({ "x-request-id": requestId, "ratelimit-limit": "600" });
    const seen = stage().simHost.seen(requestId);
    expect(seen?.url).toBe(`${terminals}/echo?a=1`);
    expect(seen?.headers).toMatchObject({
      "sec-websocket-protocol": `${terminalProtocol},ticket.t0p-s3cret`,
      "x-kombify-gateway-key": simHostKey,
      upgrade: "websocket",
    });
    expect(seen?.headers["x-functions-key"]).toBeUndefined();
    expect(seen?.headers["x-user-id"]).toBeUndefined();
    expect(JSON.stringify(seen)).not.toContain("evil");
    await closed(socket);
  });

  it("passes an upstream's refusal on as it is", async () => {
    const lines = [...upgradeLines, "Sec-WebSocket-Protocol: ticket.used"];
    const answer = await askRaw(stage().url, rawRequest("GET", `${terminals}/refused`, lines));
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).not.toMatch(/^(?:server|upgrade):/im);
    expect(answer).toContain(refusal);
  });

  it.each([
    ["a path that leads nowhere", "/v1/simulation-terminalsXYZ", 404],
    ["a route that needs a token", "/v1/simulations", 401],
  ])("refuses a WebSocket on %s with a problem document", async (_, path, status) => {
    const requestId = nextId();
    const lines = [...upgradeLines, `X-Request-ID: ${requestId}`];
    const answer = await askRaw(stage().url, rawRequest("GET", path, lines));
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toMatch(/content-type: application\/problem\+json/i);
    expectUnseen(requestId);
  });

  it.each([
    ["h2c", ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA"]],
    ["a list of protocols", ["Connection: Upgrade", "Upgrade: websocket, h2c"]],
  ])("answers a request for %s as if it had not asked", async (_, upgrade) => {
    const requestId = nextId();
    const lines = ["Host: a", `X-Request-ID: ${requestId}`, ...upgrade, "Connection: close"];
    const answer = await askRaw(stage().url, rawRequest("GET", `${terminals}/echo`, lines));
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    const seen = stage().simHost.seen(requestId);
    expect([seen?.headers["upgrade"], seen?.headers["http2-settings"]]).toEqual([undefined, undefined]);
  });

  it.each([
    ["a length", ["Content-Length: 5"], "hello"],
    ["chunks", ["Transfer-Encoding: chunked"], "5\r\nhello\r\n0\r\n\r\n"],
    ["a length and chunks", ["Content-Length: 5", "Transfer-Encoding: chunked"], "0\r\n\r\n"],
    ["two lengths", ["Content-Length: 0", "Content-Length: 5"], "hello"],
  ])("refuses a request for a WebSocket that brings a body with %s", async (_, framing, body) => {
    for (const method of ["GET", "POST"]) {
      const requestId = nextId();
      const lines = [...upgradeLines, `X-Request-ID: ${requestId}`, ...framing];
      const answer = await askRaw(stage().url, rawRequest(method, `${terminals}/echo`, lines, body));
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
      expectUnseen(requestId);
    }
  });

  it("never takes what follows a refused WebSocket for something that needs no checks", async () => {
    const requestId = nextId();
    const hidden = ["Host: a", `X-Request-ID: ${requestId}`, "X-User-ID: evil", "Connection: close"];
    const smuggled = rawRequest("GET", "/v1/simulations/s1", hidden);
    // A version nobody speaks: a gateway that believes the request instead of the answer opens its tunnel here.
    const lines = upgradeLines.map((line) => line.replace("Version: 13", "Version: 777"));
    for (const path of [`${terminals}/echo`, `${terminals}/refused`]) {
      const answer = await askRaw(stage().url, rawRequest("GET", path, lines, smuggled));
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(answer).not.toMatch(/HTTP\/1\.1 (?:1|2)\d\d /);
    }
    expectUnseen(requestId);
  });

  it("ends the upstream's side when a client goes away without a word", async () => {
    const before = stage().simHost.openCount();
    const socket = await connected("/echo");
    await expect.poll(() => stage().simHost.openCount(), bounded).toBe(before + 1);
    socket.terminate();
    await expect.poll(() => stage().simHost.openCount(), bounded).toBe(before);
  });

  it("keeps 100 WebSockets apart", async () => {
    const talk = async (n: number): Promise<readonly string[]> => {
      const socket = await connected("/echo");
      const heard: string[] = [];
      for (let turn = 0; turn < 5; turn += 1) {
        const answer = nextMessage(socket);
        socket.send(`${n}.${turn}`);
        heard.push((await answer).data.toString());
      }
      await closed(socket);
      return heard;
    };
    const conversations = await Promise.all(Array.from({ length: 100 }, (_, n) => talk(n)));
    expect(conversations).toEqual(Array.from({ length: 100 }, (_, n) => [0, 1, 2, 3, 4].map((turn) => `${n}.${turn}`)));
    await expect.poll(() => stage().simHost.openCount(), bounded).toBe(0);
  });

  it("serves ordinary requests of the same upstream", async () => {
    const requestId = nextId();
    const headers = [["X-Request-ID", requestId] as const, ...forged("evil")];
    const { status } = await ask(stage().url, { path: "/schemas/simulation/v1.json", headers });
    expect(status).toBe(200);
    expect(stage().simHost.seen(requestId)?.headers["x-kombify-gateway-key"]).toBe(simHostKey);
  });
};
