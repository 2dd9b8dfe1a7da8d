import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DomainError } from "../../shared/kernel/errors.ts";
import { isPlainText } from "../../shared/kernel/plain-text.ts";
import { readEvents } from "../../tests/support/event-reader.ts";
import type { TestApi } from "../../tests/support/sim-api.ts";
import { buildApi, json, runningId, signedBy } from "../../tests/support/sim-api.ts";
import type { Engine } from "../engine/ports.ts";
import { stopServer } from "./stop-server.ts";
import { usualTiming } from "./timing.ts";

let api: TestApi;
let id = "";
let base = "";
/** Anew for each test: what an earlier one left open may end later. */
let openLogs = { count: 0 };

/** Prints as often as it is read, until it is told to end. */
const endless = (line: string): Engine["logs"] =>
  async function* (_id, { signal }) {
    const counter = openLogs;
    counter.count += 1;
    try {
      while (!signal.aborted) {
        yield { stream: "stdout", at: "2026-01-01T00:00:00Z", line };
        await sleep(0);
      }
    } finally {
      counter.count -= 1;
    }
  };

const begin = async (engine: Partial<Engine> = {}, timing: Partial<typeof usualTiming> = {}): Promise<void> => {
  api = buildApi((host) => ({ engine: { ...host.engine, ...engine }, timing: { ...usualTiming, ...timing } }));
  id = await runningId(api);
  base = `${await api.app.listen({ host: "127.0.0.1", port: 0 })}/v1/simulations/${id}`;
};
beforeEach(() => {
  openLogs = { count: 0 };
});
afterEach(() => stopServer(api.app, 500));

const read = (path: string, more: Readonly<Record<string, string>> = {}, token = "ada") =>
  readEvents(`${base}${path}`, signedBy(token, more));
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await sleep(1);
};
const remove = async (): Promise<void> => {
  await api.app.inject({ method: "DELETE", url: `/v1/simulations/${id}`, headers: signedBy("ada") });
  await api.host.reconciler.settled("tenant-acme", id);
};

describe("events", () => {
  test("come as they are, then as they happen, and end with the simulation", async () => {
    await begin();
    const reader = await read("/events");
    expect(reader.response.headers).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
    });
    const first = await reader.next();
    expect(first).toMatchObject({ id: 1, data: { sequence: 1 } });
    expect(reader.text()).toMatch(/^retry: 3000\n\nid: 1\nevent: \w+\ndata: \{.*\}\n\n/);
    await remove();
    const rest = await reader.rest();
    const ids = rest.slice(0, -1).map((event) => event.id);
    expect(ids).toEqual(ids.map((_, index) => index + 2));
    expect(rest.at(-1)).toEqual({ event: "end", data: { reason: "ended" } });
  });

  test("go on after the last that was read", async () => {
    await begin();
    const seen = await read("/events");
    await seen.next();
    const second = await seen.next();
    seen.leave();
    const reader = await read("/events", { "last-event-id": "1" });
    expect(await reader.next()).toEqual(second);
    reader.leave();
    const refused = await read("/events", { "last-event-id": "1; DROP TABLE" });
    expect(refused.status).toBe(400);
  });

  test("cannot be told from others by what a person wrote: a line break is data", async () => {
    await begin();
    const text = "x\n\nevent: end\ndata: {}\u001b[2J\u009b1m\u202e\u2028\u{e0041}";
    api.host.records.tell("tenant-acme", id, { kind: "fault", data: { text }, text });
    const reader = await read("/events");
    await remove();
    const faults = (await reader.rest()).filter(({ event }) => event === "fault");
    expect(faults).toMatchObject([{ data: { text, data: { text } } }]);
    expect(isPlainText(reader.text().replaceAll("\n", ""))).toBe(true);
  });
});

describe("logs", () => {
  test("are asked for as the reader wants them, and lines are cut where they would fill the memory", async () => {
    const asked: unknown[] = [];
    await begin({
      async *logs(_id, { follow, tailLines }) {
        asked.push({ follow, tailLines });
        yield await Promise.resolve({ stream: "stderr", at: "2026-01-01T00:00:00Z", line: "x".repeat(100_000) });
      },
    });
    const reader = await read("/nodes/web/logs?follow=true&tail=7");
    expect(await reader.rest()).toEqual([
      { event: "log", data: { stream: "stderr", at: "2026-01-01T00:00:00Z", line: "x".repeat(16_384) } },
      { event: "end", data: { reason: "ended" } },
    ]);
    await (await read("/nodes/web/logs")).rest();
    expect(asked).toEqual([
      { follow: true, tailLines: 7 },
      { follow: false, tailLines: 100 },
    ]);
  });

  test.each(["tail=-1", "tail=1e9", "follow=yes", "since=0"])("are not asked for with %s", async (query) => {
    await begin();
    expect((await read(`/nodes/web/logs?${query}`)).status).toBe(400);
  });

  test("of a simulation that is stopped are not there", async () => {
    await begin();
    await api.app.inject({ method: "POST", url: `/v1/simulations/${id}/stop`, headers: signedBy("ada") });
    await api.host.reconciler.settled("tenant-acme", id);
    expect((await read("/nodes/web/logs")).status).toBe(409);
  });

  test("end when the engine fails, and what it said stays in our own log", async () => {
    await begin({
      // eslint-disable-next-line require-yield -- it fails before it has a line
      async *logs() {
        await Promise.reject(new Error("socket /var/run/docker.sock hung up"));
      },
    });
    const reader = await read("/nodes/web/logs");
    expect(await reader.rest()).toEqual([{ event: "end", data: { reason: "failed" } }]);
    expect(reader.text()).not.toContain("docker");
    expect(api.logged.join()).toContain("docker.sock");
  });

  test("end at once at their source when the reader goes", async () => {
    await begin({ logs: endless("hello") });
    const reader = await read("/nodes/web/logs?follow=true");
    await reader.next();
    expect(openLogs.count).toBe(1);
    reader.leave();
    await until(() => openLogs.count === 0);
  });

  test("are cut for a reader that takes nothing, and nothing piles up for it", async () => {
    await begin({ logs: endless("x".repeat(10_000)) }, { stallMilliseconds: 100 });
    const before = process.memoryUsage().arrayBuffers;
    const reader = await read("/nodes/web/logs?follow=true");
    reader.response.pause();
    await until(() => openLogs.count === 1);
    await until(() => openLogs.count === 0);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
    reader.response.resume();
    expect((await reader.rest()).at(-1)).not.toMatchObject({ event: "end" });
  });
});

describe("statistics", () => {
  test("come at their pace, of whatever container the node has, and end with the simulation", async () => {
    const asked = new Set<string>();
    await begin(
      {
        stats: (container) => {
          asked.add(container);
          return Promise.resolve({ cpuPercent: 12.5, memoryMegabytes: 3, pids: 1 });
        },
      },
      { statsMilliseconds: 1 },
    );
    const reader = await read("/nodes/web/stats");
    expect(await reader.next()).toEqual({ event: "stats", data: { cpuPercent: 12.5, memoryMegabytes: 3, pids: 1 } });
    await reader.next();
    const web = [...api.host.engine.containers].find(([, { wish }]) => wish.owner.part === "web");
    expect([...asked]).toEqual([web?.[0]]);
    await remove();
    expect((await reader.rest()).at(-1)).toEqual({ event: "end", data: { reason: "ended" } });
  });

  test("are silent while the node does not run or the engine has none", async () => {
    let isThere = false;
    const stats = () =>
      isThere
        ? Promise.resolve({ cpuPercent: 1, memoryMegabytes: 1, pids: 1 })
        : Promise.reject(new DomainError("unavailable", "The engine does not answer."));
    await begin({ stats }, { statsMilliseconds: 1 });
    const reader = await read("/nodes/web/stats");
    const first = reader.next();
    await sleep(5);
    isThere = true;
    expect(await first).toMatchObject({ event: "stats" });
    reader.leave();
  });
});

describe("a stream", () => {
  test("shows that it lives while it has nothing to say", async () => {
    await begin({ logs: endless("x") }, { heartbeatMilliseconds: 1 });
    const reader = await read("/events");
    void reader.rest();
    await until(() => reader.text().endsWith(":\n\n:\n\n"));
    expect(reader.status).toBe(200);
    reader.leave();
  });

  test.each([
    {
      what: "the tenant is suspended",
      act: () => void api.refusals.set("acme", new DomainError("tenant-suspended", "No.")),
    },
    { what: "the simulation is gone", act: remove },
  ])("ends when $what, whatever its source does", async ({ act }) => {
    await begin({ logs: endless("x") }, { heartbeatMilliseconds: 5 });
    const reader = await read("/nodes/web/logs?follow=true");
    await reader.next();
    await act();
    expect((await reader.rest()).at(-1)).toEqual({ event: "end", data: { reason: "refused" } });
  });

  test("ends when its time is over, even when its source hangs", async () => {
    const never = new Promise<never>(() => undefined);
    // eslint-disable-next-line require-yield -- it never has a line
    const logs: Engine["logs"] = async function* () {
      await never;
    };
    await begin({ logs }, { sessionMilliseconds: 20 });
    const reader = await read("/nodes/web/logs?follow=true");
    expect(await reader.rest()).toEqual([{ event: "end", data: { reason: "expired" } }]);
  });

  test("ends when the server stops, and the server stops at once then", async () => {
    await begin({ logs: endless("x") });
    const readers = await Promise.all([read("/events"), read("/nodes/web/logs?follow=true")]);
    const ends = readers.map((reader) => reader.rest());
    const begunAt = performance.now();
    await stopServer(api.app, 5_000);
    expect(performance.now() - begunAt).toBeLessThan(2_000);
    for (const end of await Promise.all(ends)) {
      expect(end.at(-1)).toEqual({ event: "end", data: { reason: "closing" } });
    }
  });

  test("is one of twenty that a tenant may have open; others' do not count", async () => {
    await begin();
    const opened = await Promise.all(Array.from({ length: 100 }, () => read("/events")));
    const [let_in, refused] = [
      opened.filter(({ status }) => status === 200),
      opened.filter(({ status }) => status === 429),
    ];
    expect([let_in.length, refused.length]).toEqual([20, 80]);
    const problem = await api.app.inject({ url: `/v1/simulations/${id}/events`, headers: signedBy("ada") });
    expect(problem.json()).toMatchObject({ code: "stream-limit-reached", status: 429, openMax: 20 });
    const foreign = await runningId(api, "gil");
    const url = base.replace(id, foreign);
    const gils = await readEvents(`${url}/events`, signedBy("gil"));
    expect(gils.status).toBe(200);
    gils.leave();
    let_in.forEach((reader) => reader.leave());
    for (let again = await read("/events"); again.status !== 200; again = await read("/events")) await sleep(1);
  });

  test("answers nothing else meanwhile: the API goes on", async () => {
    await begin({ logs: endless("x") });
    const reader = await read("/nodes/web/logs?follow=true");
    const answer = await fetch(`${base}/extend`, {
      method: "POST",
      headers: signedBy("ada", json),
      body: '{"minutes":1}',
    });
    expect(answer.status).toBe(200);
    reader.leave();
  });
});
