import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { connect, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it, vi } from "vitest";
import WebSocket, { WebSocketServer } from "ws";
import { startGateway, type GatewayOptions } from "./gateway.ts";

const kongConfigFile = new URL("../../kong/kong.yml", import.meta.url).pathname;
const path = "/v1/simulation-terminals/t1";
const ticket = "ticket.t0p-s3cret";
const vault = {
  KOMBIFY_FUNCTIONS_KEY: "k",
  KOMBIFY_ISSUER: "https://id.example",
  KOMBIFY_AUDIENCE: "a",
  KOMBIFY_JWKS_URI: "http://127.0.0.1:2/keys",
  KOMBIFY_STACK_ZONE: "stacks.internal",
  KOMBIFY_SIM_HOST_KEY: "s",
};

/** How long a test waits for what comes of itself; other tests may have the machine meanwhile. */
const bounded = { timeout: 10_000 };
const head = (...lines: string[]): string => `${lines.join("\r\n")}\r\n\r\n`;
const ask = head(
  `GET ${path}?t=1 HTTP/1.1`,
  "Host: a",
  // As Firefox writes it.
  "Connection: keep-alive, Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  `Sec-WebSocket-Protocol: ${ticket}`,
);
const switched = head("HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket");

/** Everything that arrives until the text is in it; what follows is thrown away. */
const readUntil = (socket: Socket, wanted: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let seen = "";
    const read = (chunk: Buffer): void => {
      seen += chunk.toString("latin1");
      if (!seen.includes(wanted)) return;
      socket.off("data", read);
      socket.resume();
      resolve(seen);
    };
    socket.on("data", read);
    socket.once("close", () => reject(new Error(`closed after ${JSON.stringify(seen)}`)));
  });

describe("WebSockets through the local gateway", () => {
  const cleanups: (() => unknown)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  /** `change` turns the text of kong.yml into another one. */
  const start = async (simHost: string, change?: (yml: string) => string, options: Partial<GatewayOptions> = {}) => {
    const folder = await mkdtemp(join(tmpdir(), "kombify-gateway-"));
    cleanups.push(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, "kong.yml");
    const original = await readFile(kongConfigFile, "utf8");
    const changed = change?.(original) ?? original;
    if (change !== undefined) expect(changed).not.toBe(original);
    await writeFile(file, changed);
    const serviceUrls = { "sim-host": simHost };
    const gateway = await startGateway({ port: 0, kongConfigFile: file, serviceUrls, vault, ...options });
    cleanups.push(() => gateway.stop());
    return { ...gateway, port: Number(new URL(gateway.url).port) };
  };

  const listen = async (server: Server): Promise<string> => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    return `http://127.0.0.1:${address instanceof Object ? address.port : 0}`;
  };
  /** An upstream without manners: whatever it does with a connection, it does by hand. */
  const rawUpstream = async (serve: (socket: Socket, request: string) => void) => {
    const all: Socket[] = [];
    /** Those that the gateway has not closed. */
    const sockets = new Set<Socket>();
    const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
      all.push(socket);
      sockets.add(socket);
      socket.on("error", () => undefined);
      for (const event of ["end", "close"]) socket.once(event, () => sockets.delete(socket));
      socket.once("data", (chunk: Buffer) => serve(socket, chunk.toString("latin1")));
    });
    const url = await listen(server);
    cleanups.push(() => {
      for (const socket of all) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    });
    return { url, sockets };
  };
  const client = (port: number): Socket => {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.on("error", () => undefined);
    cleanups.push(() => socket.destroy());
    return socket;
  };
  const answerOf = async (port: number, bytes = ask): Promise<string> => {
    const socket = client(port);
    socket.write(bytes);
    return text(socket);
  };
  const readLimit = (milliseconds: number) => (yml: string) =>
    yml.replaceAll("read_timeout: 3600000", `read_timeout: ${milliseconds}`);
  const shorterWrite = (yml: string): string => yml.replaceAll("write_timeout: 60000", "write_timeout: 300");

  describe("when there is nobody to talk to", () => {
    it("says that simulations are not available on a machine without sim-host", async () => {
      const sentence = "Simulations are not available on this machine.";
      const { port, url } = await start("http://127.0.0.1:2", undefined, { absentServices: { "sim-host": sentence } });
      const answer = await answerOf(port);
      expect(answer).toMatch(/^HTTP\/1\.1 503 /);
      expect(JSON.parse(answer.split("\r\n\r\n")[1] ?? "")).toMatchObject({ detail: sentence, status: 503 });
      const schema = await fetch(`${url}/schemas/simulation/v1.json`);
      expect([schema.status, schema.headers.get("content-type")]).toEqual([503, "application/problem+json"]);
      expect(schema.headers.get("retry-after")).toBeNull();
    });

    it("says 502 when sim-host is down", async () => {
      const { port } = await start("http://127.0.0.1:2");
      const answer = await answerOf(port);
      expect(answer).toMatch(/^HTTP\/1\.1 502 [^]*application\/problem\+json[^]*"upstream-unavailable"/);
    });

    it("says 504 when sim-host takes too long to say yes, even if it lets single bytes fall", async () => {
      const dripping = await rawUpstream((socket) => {
        socket.write("HTTP/1.1 200 OK\r\nX-Long: ");
        const timer = setInterval(() => socket.write("g"), 20);
        socket.once("close", () => clearInterval(timer));
      });
      const silent = await rawUpstream(() => undefined);
      for (const { url } of [silent, dripping]) {
        const { port } = await start(url, readLimit(150));
        expect(await answerOf(port)).toMatch(/^HTTP\/1\.1 504 /);
      }
      await expect.poll(() => silent.sockets.size, bounded).toBe(0);
    });

    it("counts a WebSocket as a request and says when there were too many", async () => {
      const { url } = await rawUpstream((socket) => socket.end(switched));
      const stricter = (yml: string): string => yml.replace(/(name: simulation-terminal\n[^]*?minute: )600/, "$12");
      const { port } = await start(url, stricter);
      // Two windows may be met: of five in a row at least one is too many.
      const answers = [];
      for (let n = 0; n < 5; n += 1) answers.push(await answerOf(port));
      expect(answers[0]).toMatch(/^HTTP\/1\.1 101 [^]*ratelimit-limit: 2/i);
      const refused = answers.find((answer) => answer.startsWith("HTTP/1.1 429 "));
      expect(refused).toMatch(/retry-after: \d+/i);
    });
  });

  describe("when the upstream misbehaves", () => {
    it.each([
      ["switches although nobody asked", "GET /schemas/simulation/v1.json HTTP/1.1\r\nHost: a\r\n\r\n", switched],
      ["switches to something else", ask, switched.replace("websocket", "h2c")],
      ["answers with garbage", ask, "NONSENSE\r\n\r\n"],
      ["hangs up", ask, ""],
    ])("says 502 when it %s", async (_, question, answer) => {
      const { url } = await rawUpstream((socket) => socket.end(answer));
      const { port } = await start(url);
      const socket = client(port);
      socket.write(question);
      expect(await readUntil(socket, "upstream-unavailable")).toMatch(/^HTTP\/1\.1 502 /);
    });

    it("closes the client's side when the upstream dies", async () => {
      const { url, sockets } = await rawUpstream((socket) => socket.write(`${switched}hello`));
      const { port } = await start(url);
      const socket = client(port);
      socket.write(ask);
      await readUntil(socket, "hello");
      const closed = once(socket, "end");
      for (const each of sockets) each.resetAndDestroy();
      await expect(closed).resolves.toBeDefined();
    });
  });

  describe("while it is open", () => {
    it("passes on what the client sent together with its request", async () => {
      const { url } = await rawUpstream((socket) => {
        socket.write(switched);
        socket.on("data", (chunk) => socket.write(`got ${String(chunk)}`));
      });
      const { port } = await start(url);
      const socket = client(port);
      socket.write(`${ask}early`);
      expect(await readUntil(socket, "got early")).toMatch(/^HTTP\/1\.1 101 /);
    });

    it("lets either side finish what it says after the other has closed its own", async () => {
      const { url } = await rawUpstream((socket) => {
        socket.write(switched);
        socket.once("end", () => socket.end("last words"));
      });
      const { port } = await start(url);
      const socket = client(port);
      socket.write(ask);
      await readUntil(socket, "\r\n\r\n");
      const rest = readUntil(socket, "last words");
      const ended = once(socket, "end");
      socket.end();
      expect(await rest).toBe("last words");
      await ended;
    });

    it("does not wait forever for a side that never closes", async () => {
      const { url, sockets } = await rawUpstream((socket) => socket.write(switched));
      const { port } = await start(url, shorterWrite);
      const socket = client(port);
      socket.write(ask);
      await readUntil(socket, "\r\n\r\n");
      socket.end();
      await once(socket, "end");
      await expect.poll(() => sockets.size, bounded).toBe(0);
    });

    it("ends both sides when nothing was said for the service's read_timeout, and not while something is", async () => {
      const { url, sockets } = await rawUpstream((socket) => socket.write(switched));
      const { port } = await start(url, readLimit(500));
      const socket = client(port);
      socket.write(ask);
      await readUntil(socket, "\r\n\r\n");
      const closed = once(socket, "end");
      const begin = performance.now();
      const timer = setInterval(() => {
        if (performance.now() - begin > 1500) clearInterval(timer);
        else socket.write("still here");
      }, 50);
      await closed;
      expect(performance.now() - begin).toBeGreaterThan(1500);
      await expect.poll(() => sockets.size, bounded).toBe(0);
    });

    it("stops reading from an upstream whose client does not read, and goes on when it does", async () => {
      const chunk = Buffer.alloc(65_536, "x");
      const total = 1024 * chunk.length;
      let sent = 0;
      const { url } = await rawUpstream((socket) => {
        socket.write(switched);
        const pump = (): void => {
          while (sent < total) {
            sent += chunk.length;
            if (!socket.write(chunk)) return;
          }
        };
        socket.on("drain", pump);
        pump();
      });
      const { port } = await start(url);
      const socket = client(port);
      socket.write(ask);
      await readUntil(socket, "\r\n\r\n");
      socket.pause();
      let before = -1;
      const standsStill = (): boolean => {
        const stands = sent === before;
        before = sent;
        return stands;
      };
      // Once the buffers of the system are full.
      await expect.poll(standsStill, { ...bounded, interval: 200 }).toBe(true);
      expect(sent).toBeLessThan(total / 2);
      socket.resume();
      await expect.poll(() => sent, bounded).toBe(total);
    });

    it("gives a client up that takes nothing for the service's write_timeout", async () => {
      const { url, sockets } = await rawUpstream((socket) => {
        socket.write(switched);
        socket.write(Buffer.alloc(64 * 1024 * 1024));
      });
      const { port } = await start(url, shorterWrite);
      const socket = client(port);
      socket.write(ask);
      await readUntil(socket, "\r\n\r\n");
      socket.pause();
      await expect.poll(() => sockets.size, bounded).toBe(0);
    });

    it("is closed when the gateway stops", async () => {
      const { url, sockets } = await rawUpstream((socket) => socket.write(switched));
      const { port, stop } = await start(url);
      const socket = client(port);
      socket.write(ask);
      await readUntil(socket, "\r\n\r\n");
      const closed = once(socket, "end");
      await stop();
      await closed;
      await expect.poll(() => sockets.size, bounded).toBe(0);
    });
  });

  it("ends the question to the upstream when the client leaves before the answer", async () => {
    for (const leave of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
      const { url, sockets } = await rawUpstream(() => undefined);
      const { port } = await start(url);
      const socket = client(port);
      socket.write(ask);
      await expect.poll(() => sockets.size, bounded).toBe(1);
      leave(socket);
      await expect.poll(() => sockets.size, bounded).toBe(0);
    }
  });

  it("keeps tickets and queries out of its log", async () => {
    const log = vi.spyOn(console, "error").mockReturnValue(undefined);
    const hangingUp = await rawUpstream((socket) => socket.destroy());
    const garbage = await rawUpstream((socket, request) => socket.end(request));
    for (const url of ["http://127.0.0.1:2", hangingUp.url, garbage.url]) {
      const { port } = await start(url);
      expect(await answerOf(port)).toMatch(/^HTTP\/1\.1 502 /);
    }
    const lines = JSON.stringify(log.mock.calls);
    expect(log).toHaveBeenCalledTimes(3);
    expect(lines).toContain(path);
    expect(lines).not.toMatch(/s3cret|\?t=1/);
  });

  it("answers on a kept-alive connection as well as on a new one", async () => {
    const terminals = new WebSocketServer({ noServer: true });
    const server = createServer((_, response) => response.end("{}"));
    server.on("upgrade", (request, socket, first) =>
      terminals.handleUpgrade(request, socket, first, (terminal) => terminal.send("welcome")),
    );
    const upstream = await listen(server);
    cleanups.push(() => new Promise((resolve) => server.close(resolve)));
    const { url } = await start(upstream);
    // The gateway keeps this connection to the upstream and asks for the WebSocket on it.
    await (await fetch(`${url}/schemas/simulation/v1.json`)).text();
    const socket = new WebSocket(`${url.replace("http", "ws")}${path}`);
    expect((await once(socket, "message")).map(String)).toEqual(["welcome", "false"]);
    socket.terminate();
    const plain = await fetch(`${url}/schemas/simulation/v1.json`);
    expect(plain.status).toBe(200);
    server.closeAllConnections();
  });
});
