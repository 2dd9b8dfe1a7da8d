import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ClientOptions } from "ws";
import { DomainError } from "../../../shared/kernel/errors.ts";
import { aCaller } from "../../../tests/support/builders.ts";
import type { EchoTerminal } from "../../../tests/support/echo-terminal.ts";
import { echoTerminal } from "../../../tests/support/echo-terminal.ts";
import type { TerminalClient } from "../../../tests/support/terminal-client.ts";
import { terminalClient } from "../../../tests/support/terminal-client.ts";
import type { TestApi } from "../../../tests/support/sim-api.ts";
import { buildApi, gatewayKey, json, publicOrigin, runningId, signedBy } from "../../../tests/support/sim-api.ts";
import type { Engine } from "../../engine/ports.ts";
import { stopServer } from "../stop-server.ts";
import type { Timing } from "../timing.ts";
import { usualTiming } from "../timing.ts";

let api: TestApi;
let id = "";
let origin = "";
let opened: { readonly container: string; readonly command: readonly string[]; readonly size: unknown }[] = [];
let programs: EchoTerminal[] = [];

const openEcho: Engine["terminal"] = (container, command, size) => {
  const program = echoTerminal();
  opened.push({ container, command, size });
  programs.push(program);
  return Promise.resolve(program);
};

const begin = async (timing: Partial<Timing> = {}, terminal = openEcho): Promise<void> => {
  await stopServer(api.app, 0);
  api = buildApi((host) => ({ engine: { ...host.engine, terminal }, timing: { ...usualTiming, ...timing } }));
  id = await runningId(api);
  origin = await api.app.listen({ host: "127.0.0.1", port: 0 });
};
beforeEach(async () => {
  [opened, programs] = [[], []];
  api = buildApi();
  await begin();
});
afterEach(() => stopServer(api.app, 500));

interface Given {
  readonly ticket: string;
  readonly path: string;
  readonly expiresAt: string;
}
const ask = (body: unknown = {}, token = "ada", node = "web") =>
  api.app.inject({
    ...{ method: "POST", url: `/v1/simulations/${id}/nodes/${node}/terminal`, headers: signedBy(token, json) },
    body: JSON.stringify(body),
  });
const aTicket = async (body?: unknown): Promise<string> => (await ask(body)).json<Given>().ticket;

const v1 = "kombify.terminal.v1";
const dial = (protocols: readonly string[], options: ClientOptions = {}, path = "/v1/simulation-terminals") =>
  terminalClient(`${origin.replace("http", "ws")}${path}`, protocols, {
    ...{ origin: publicOrigin, ...options },
    headers: { "x-kombify-gateway-key": gatewayKey, ...options.headers },
  });
const enter = (ticket: string, options?: ClientOptions): TerminalClient => dial([v1, `ticket.${ticket}`], options);
const open = async (options?: ClientOptions): Promise<TerminalClient> => {
  const client = enter(await aTicket(), options);
  await client.opened;
  return client;
};
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await sleep(1);
};

describe("a terminal", () => {
  test("is opened with a ticket, and carries keys and what the program prints", async () => {
    const given = (await ask({ command: ["/bin/ash", "-l"], columns: 100, rows: 30 })).json<Given>();
    expect(given).toMatchObject({ path: "/v1/simulation-terminals" });
    expect(given.ticket).toMatch(/^[\w-]{43}$/);
    const client = enter(given.ticket);
    await client.opened;
    client.keys("ls\r\x04\xff");
    expect(await client.received(5)).toBe("ls\r\x04\xff");
    const web = [...api.host.engine.containers].find(([, { wish }]) => wish.owner.part === "web");
    expect(opened).toEqual([{ container: web?.[0], command: ["/bin/ash", "-l"], size: { columns: 100, rows: 30 } }]);
  });

  test("answers with its protocol and never with the ticket, which no log has either", async () => {
    const ticket = await aTicket();
    const client = enter(ticket);
    const { rawHeaders } = await client.opened;
    expect(rawHeaders.join("\n")).toContain(`Sec-WebSocket-Protocol\n${v1}`);
    expect(rawHeaders.join("\n")).not.toContain(ticket);
    expect(client.socket.protocol).toBe(v1);
    expect(api.logged.join("\n")).toContain("a terminal is opened");
    expect(api.logged.join("\n")).not.toContain(ticket);
  });

  test("is a shell of the usual size unless something else is asked for", async () => {
    await open();
    await until(() => opened.length > 0);
    expect(opened).toMatchObject([{ command: ["/bin/sh"], size: { columns: 80, rows: 24 } }]);
  });

  test("keeps what was typed before the program was there, in its order", async () => {
    const gate = Promise.withResolvers<undefined>();
    await begin({}, async (...which) => {
      await gate.promise;
      return openEcho(...which);
    });
    const client = await open();
    for (const key of "hello") client.keys(key);
    gate.resolve(undefined);
    expect(await client.received(5)).toBe("hello");
  });

  test("changes its size", async () => {
    const client = await open();
    client.socket.send(JSON.stringify({ type: "resize", columns: 500, rows: 1 }));
    client.keys("x");
    await client.received(1);
    expect(programs[0]?.sizes).toEqual([{ columns: 500, rows: 1 }]);
  });

  test.each([
    "",
    "resize",
    '{"type":"resize","columns":0,"rows":24}',
    '{"type":"resize","columns":501,"rows":24}',
    '{"type":"resize","columns":80.5,"rows":24}',
    '{"type":"resize","columns":80,"rows":24,"command":["reboot"]}',
    '{"type":"exit"}',
    "[]",
  ])("is closed by a text that is no resize: %s", async (text) => {
    const client = await open();
    client.socket.send(text);
    expect(await client.closed).toBe("1008 message");
    expect(programs[0]?.isClosed()).toBe(true);
  });

  test("is closed by a frame of more than 64 kB", async () => {
    const client = await open();
    client.socket.send(Buffer.alloc(64 * 1024 + 1));
    expect(await client.closed).toMatch(/^1009/);
    await until(() => programs[0]?.isClosed() === true);
  });

  test("ends with its program", async () => {
    const client = await open();
    await until(() => programs.length > 0);
    programs[0]?.exit();
    expect(await client.closed).toBe("1000 ended");
  });

  test.each(["close", "terminate"] as const)("ends its program when its reader goes: %s", async (leave) => {
    const client = await open();
    client.keys("x");
    await client.received(1);
    client.socket[leave]();
    await until(() => programs[0]?.isClosed() === true);
    expect(programs).toHaveLength(1);
  });

  test("prints no faster than it is read, and is cut for a reader that takes nothing", async () => {
    await begin({ stallMilliseconds: 100 });
    const client = await open();
    await until(() => programs.length > 0);
    client.socket.pause();
    for (let printed = 0; programs[0]?.isClosed() === false; printed += 1) {
      if (printed < 500) programs[0].print(Buffer.alloc(64 * 1024));
      await sleep(1);
    }
    client.socket.resume();
    expect(await client.closed).toMatch(/^1006/);
  });

  test("does not read more keys than the program takes", async () => {
    const gate = Promise.withResolvers<undefined>();
    let taken = 0;
    await begin({}, async (...which) => ({
      ...(await openEcho(...which)),
      write: async (bytes) => {
        taken += bytes.length;
        await gate.promise;
      },
    }));
    const { socket } = await open();
    const frames = 400;
    for (let n = 0; n < frames; n += 1) socket.send(Buffer.alloc(60_000));
    await until(() => taken > 0);
    // Until nothing moves any more: what the socket's own buffers hold has left.
    for (let before = -1; before !== socket.bufferedAmount;) {
      before = socket.bufferedAmount;
      await sleep(150);
    }
    expect(socket.bufferedAmount).toBeGreaterThan((frames * 60_000) / 2);
    gate.resolve(undefined);
    await until(() => taken === frames * 60_000);
    expect(socket.readyState).toBe(socket.OPEN);
  });
});

describe("a terminal is over", () => {
  test("when nothing passes through it", async () => {
    await begin({ idleMilliseconds: 400 });
    const client = await open();
    const begunAt = performance.now();
    for (let n = 0; n < 5; n += 1) {
      await sleep(150);
      client.keys("x");
    }
    expect(await client.closed).toBe("4408 idle");
    expect(performance.now() - begunAt).toBeGreaterThan(1_000);
  });

  test("when it has lasted too long, whatever passes", async () => {
    await begin({ sessionMilliseconds: 500 });
    const client = await open();
    const keys = setInterval(() => client.keys("x"), 5);
    expect(await client.closed).toBe("4408 expired");
    clearInterval(keys);
    expect(programs[0]?.isClosed()).toBe(true);
  });

  test("when its reader gives no sign of life", async () => {
    await begin({ heartbeatMilliseconds: 100 });
    const client = await open({ autoPong: false });
    expect(await client.closed).toMatch(/^1006/);
  });

  test("when the person may not go on, which is asked with each sign of life", async () => {
    await begin({ heartbeatMilliseconds: 200 });
    const client = await open();
    api.refusals.set("acme", new DomainError("tenant-suspended", "No."));
    expect(await client.closed).toBe("4403 refused");
  });

  test("with the server, which waits for no answer", async () => {
    const [client, deaf] = [await open(), await open()];
    deaf.socket.pause();
    const begunAt = performance.now();
    await stopServer(api.app, 5_000);
    expect(await client.closed).toBe("1001 closing");
    expect(performance.now() - begunAt).toBeLessThan(2_000);
  });
});

describe("nobody gets in", () => {
  test("with a ticket that nobody gave, or with none", async () => {
    expect(await enter("A".repeat(43)).closed).toBe("4401 ticket-invalid");
    expect(await dial([v1]).closed).toBe("4401 ticket-invalid");
    expect(opened).toEqual([]);
  });

  test("a second time, and of fifty at once exactly one does", async () => {
    const ticket = await aTicket();
    const clients = Array.from({ length: 50 }, () => enter(ticket));
    const ends: string[] = [];
    for (const { closed } of clients) void closed.then((end) => ends.push(end));
    await until(() => ends.length === 49);
    expect(new Set(ends)).toEqual(new Set(["4401 ticket-invalid"]));
    await until(() => opened.length > 0);
    expect(opened).toHaveLength(1);
    expect(clients.filter(({ socket }) => socket.readyState === socket.OPEN)).toHaveLength(1);
  });

  test("after half a minute", async () => {
    await begin({ ticketMilliseconds: 1 });
    const ticket = await aTicket();
    await sleep(5);
    expect(await enter(ticket).closed).toBe("4401 ticket-invalid");
  });

  test("from another page, and the ticket is used up by that", async () => {
    const ticket = await aTicket();
    expect(await enter(ticket, { origin: "https://evil.example" }).refused).toBe("403 forbidden");
    expect(await enter(ticket).closed).toBe("4401 ticket-invalid");
  });

  test.each([
    { what: "past the gateway", headers: { "x-kombify-gateway-key": "x" }, refusal: "401 unauthenticated" },
    { what: "with a body", headers: { "content-length": "5" }, refusal: "400 invalid-input" },
  ])("$what", async ({ headers, refusal }) => {
    expect(await enter(await aTicket(), { headers }).refused).toBe(refusal);
    expect(opened).toEqual([]);
  });

  test("without the protocol", async () => {
    expect(await dial([`ticket.${await aTicket()}`]).refused).toBe("400 invalid-input");
  });

  test.each([
    { what: "once the tenant is suspended", code: "tenant-suspended", end: "4403 tenant-suspended" },
    { what: "once the control plane does not answer", code: "unavailable", end: "4503 unavailable" },
  ] as const)("$what", async ({ code, end }) => {
    const ticket = await aTicket();
    api.refusals.set("acme", new DomainError(code, "No."));
    expect(await enter(ticket).closed).toBe(end);
  });

  test("whose organisation has got another tenant meanwhile", async () => {
    const ticket = await aTicket();
    const standing = await api.deps.tenants.standingOf(aCaller({ sub: "ada", orgId: "acme" }));
    Object.assign(api.deps.tenants, { standingOf: () => Promise.resolve({ ...standing, tenantId: "tenant-globex" }) });
    expect(await enter(ticket).closed).toBe("4401 ticket-invalid");
  });

  test.each([
    { what: "stopped", method: "POST", path: "/stop", end: "4409 simulation-state" },
    { what: "deleted", method: "DELETE", path: "", end: "4404 simulation-not-found" },
  ] as const)("once the simulation was $what", async ({ method, path, end }) => {
    const ticket = await aTicket();
    await api.app.inject({ method, url: `/v1/simulations/${id}${path}`, headers: signedBy("ada") });
    await api.host.reconciler.settled("tenant-acme", id);
    expect(await enter(ticket).closed).toBe(end);
  });

  test("when ten of the tenant's are open, and again when one is closed", async () => {
    const clients = await Promise.all(Array.from({ length: 10 }, () => open()));
    await until(() => opened.length === 10);
    expect(await (await open()).closed).toBe("4429 stream-limit-reached");
    clients[0]?.socket.close();
    await until(() => programs.some((program) => program.isClosed()));
    await open();
    await until(() => opened.length === 11);
    expect(opened).toHaveLength(11);
  });

  test("when the engine fails, and what it said stays in our own log", async () => {
    await begin({}, () => Promise.reject(new Error("/var/run/docker.sock")));
    expect(await (await open()).closed).toBe("1011 failed");
    expect(api.logged.join()).toContain("docker.sock");
  });

  test("by any other path, or without a WebSocket", async () => {
    const other = dial([v1, `ticket.${await aTicket()}`], { headers: signedBy("ada") }, "/v1/simulations");
    expect(await other.closed).toMatch(/^1005/);
    const headers = { "sec-websocket-protocol": v1, ...signedBy("ada") };
    expect((await fetch(`${origin}/v1/simulation-terminals`, { headers })).status).toBe(400);
    expect(opened).toEqual([]);
  });
});

describe("a ticket is not given", () => {
  test.each([
    { what: "no words", body: { command: [] } },
    { what: "no program", body: { command: [""] } },
    { what: "a NUL", body: { command: ["a\0b"] } },
    { what: "a line for a shell", body: { command: "sh" } },
    { what: "numbers", body: { command: [1] } },
    { what: "too many words", body: { command: Array.from({ length: 65 }, () => "a") } },
    { what: "too many characters", body: { command: ["a".repeat(17_000)] } },
    { what: "no columns", body: { columns: 0 } },
    { what: "too many rows", body: { rows: 501 } },
    { what: "another user", body: { user: "root" } },
  ])("for $what", async ({ body }) => {
    expect((await ask(body)).json()).toMatchObject({ status: 400, code: "invalid-input" });
  });

  test("for a node of nobody's, somebody else's simulation, or a node that does not run", async () => {
    expect((await ask({}, "ada", "nobody")).statusCode).toBe(404);
    expect((await ask({}, "gil")).json()).toMatchObject({ code: "simulation-not-found" });
    await api.app.inject({ method: "POST", url: `/v1/simulations/${id}/nodes/web/stop`, headers: signedBy("ada") });
    await api.host.reconciler.settled("tenant-acme", id);
    expect((await ask()).json()).toMatchObject({ status: 409, code: "simulation-state" });
  });
});
