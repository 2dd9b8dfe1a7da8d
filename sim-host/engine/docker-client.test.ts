import { mkdtempSync, rmSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { dockerClient } from "./docker-client.ts";

const timeoutMilliseconds = 200;
const answers: readonly (readonly [string, string, boolean])[] = [
  ["says nothing", "", false],
  ["stops within its headers", "HTTP/1.1 200 OK\r\nContent-", false],
  ["stops within its answer", 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"Server', false],
  ["stops within a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", false],
  ["hangs up", "", true],
  ["hangs up within its headers", "HTTP/1.1 200 OK\r\nContent-", true],
  ["hangs up within its answer", 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"Server', true],
  ["is no HTTP server", "220 mail.example ESMTP\r\n", false],
  ["fails", 'HTTP/1.1 500 Oh\r\nContent-Length: 16\r\n\r\n{"message":"oh"}', false],
];

describe("the engine's socket", () => {
  const folders: string[] = [];
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  /** An engine that says these bytes to whatever it is asked. */
  const engineThat = async (says: string, hangsUp: boolean) => {
    const folder = mkdtempSync(join(tmpdir(), "kombify-engine-"));
    folders.push(folder);
    const socketPath = join(folder, "engine.sock");
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
      socket.once("data", () => (hangsUp ? socket.end(says) : socket.write(says)));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    return { client: dockerClient(socketPath), sockets, server, socketPath };
  };

  it.each(answers)("fails in time when the engine %s, and is closed", async (_what, says, hangsUp) => {
    const { client, sockets } = await engineThat(says, hangsUp);
    const asked = client.call("say what it is", timeoutMilliseconds, (docker, signal) => docker.info(signal));
    await expect(asked).rejects.toMatchObject({ code: "unavailable" });
    await vi.waitFor(() => expect(sockets.size).toBe(0));
  });

  it("stays open for what flows, past the time for opening, until it is ended", async () => {
    const { client, sockets } = await engineThat(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
      false,
    );
    const ended = new AbortController();
    const stream = await client.open("watch", ended.signal, (docker, abortSignal) =>
      docker.all.getEvents({ abortSignal }),
    );
    const [first] = await Promise.all([new Promise((resolve) => stream.once("data", resolve))]);
    expect(String(first)).toBe("{}");
    expect(sockets.size).toBe(1);
    ended.abort();
    await vi.waitFor(() => expect(sockets.size).toBe(0));
  });

  it("is not opened for who has ended already", async () => {
    const { client, sockets } = await engineThat("", false);
    const act = client.open("watch", AbortSignal.abort(), (docker, abortSignal) =>
      docker.all.getEvents({ abortSignal }),
    );
    await expect(act).rejects.toMatchObject({ code: "unavailable" });
    await vi.waitFor(() => expect(sockets.size).toBe(0));
  });

  it("is the one it was told, whatever the environment says of Docker", async () => {
    vi.stubEnv("DOCKER_HOST", "tcp://127.0.0.1:1");
    vi.stubEnv("DOCKER_TLS_VERIFY", "1");
    const body = '{"ServerVersion":"1"}';
    const { client } = await engineThat(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`, false);
    const answer = await client.call("say what it is", timeoutMilliseconds, (docker, signal) => docker.info(signal));
    expect(answer).toStrictEqual({ ServerVersion: "1" });
  });

  it("is asked many things at once without describing each of them to itself", async () => {
    const { client } = await engineThat("", false);
    const ask = () =>
      client.call("list", timeoutMilliseconds, (docker, abortSignal) => docker.all.listContainers({ abortSignal }));
    await Promise.allSettled(Array.from({ length: 16 }, ask));
    const before = process.cpuUsage();
    await Promise.allSettled(Array.from({ length: 64 }, ask));
    const { user, system } = process.cpuUsage(before);
    // Time of the processor, which other programs do not change.
    expect((user + system) / 1000).toBeLessThan(400);
  });

  it("may be missing", async () => {
    const client = dockerClient(join(tmpdir(), "kombify-no-such-engine.sock"));
    const asked = client.call("say what it is", timeoutMilliseconds, (docker, signal) => docker.info(signal));
    await expect(asked).rejects.toMatchObject({ code: "unavailable", message: "The engine cannot be reached." });
  });
});
