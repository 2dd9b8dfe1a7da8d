import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { TestApi } from "../../tests/support/sim-api.ts";
import { buildApi, json, runningId, signedBy } from "../../tests/support/sim-api.ts";
import type { Links } from "../links/ports.ts";
import { stopServer } from "./stop-server.ts";
import type { Timing } from "./timing.ts";
import { usualTiming } from "./timing.ts";

type Capture = Links["capture"];
let api: TestApi;
let id = "";
let origin = "";
let asked: { readonly port: unknown; readonly limits: unknown }[] = [];
/** Anew for each test: what an earlier one left open may end later. */
let open = { count: 0 };

/** Frames until it is told to end. */
const endless = (bytes: number): Capture =>
  async function* (port, limits, signal) {
    asked.push({ port, limits });
    const counter = open;
    counter.count += 1;
    try {
      while (!signal.aborted) {
        yield Buffer.alloc(bytes, "frame");
        await sleep(0);
      }
    } finally {
      counter.count -= 1;
    }
  };
/** Three pieces, and the end. */
const short: Capture = async function* (port, limits) {
  asked.push({ port, limits });
  for (const piece of ["pcap", "-", "file"]) yield await Promise.resolve(Buffer.from(piece));
};

const begin = async (capture: Capture, timing: Partial<Timing> = {}): Promise<void> => {
  api = buildApi((host) => ({ links: { ...host.links, capture }, timing: { ...usualTiming, ...timing } }));
  id = await runningId(api);
  origin = await api.app.listen({ host: "127.0.0.1", port: 0 });
};
beforeEach(() => {
  [asked, open] = [[], { count: 0 }];
});
afterEach(() => stopServer(api.app, 500));

const post = (body: unknown, sent: { readonly link?: string; readonly token?: string; readonly of?: string } = {}) =>
  fetch(`${origin}/v1/simulations/${sent.of ?? id}/links/${sent.link ?? "front"}/captures`, {
    ...{ method: "POST", headers: signedBy(sent.token ?? "ada", json), body: JSON.stringify(body) },
  });
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await sleep(1);
};

describe("a capture", () => {
  test("is a pcap file of the node's port on the link, with a name that cannot be anybody else's", async () => {
    await begin(short);
    const answer = await post({ node: "web", seconds: 5, bytes: 1_000 });
    expect(answer.headers.get("content-type")).toBe("application/vnd.tcpdump.pcap");
    expect(answer.headers.get("content-disposition")).toBe(`attachment; filename="${id}-front-web.pcap"`);
    expect(await answer.text()).toBe("pcap-file");
    const web = [...api.host.engine.containers].find(([, { wish }]) => wish.owner.part === "web");
    const port = { sandboxKey: `/run/netns/${web?.[0].slice(0, 12) ?? ""}`, macAddress: "02:42:0a:6f:00:03" };
    expect(asked).toEqual([{ port, limits: { secondsMax: 5, bytesMax: 1_000 } }]);
  });

  test.each([
    { token: "ada", limits: { secondsMax: 120, bytesMax: 50_000_000 } },
    { token: "gil", limits: { secondsMax: 30, bytesMax: 5_000_000 } },
  ])("is as long and large as the plan allows: $limits", async ({ token, limits }) => {
    await begin(short);
    const of = await runningId(api, token);
    await post({ node: "web" }, { token, of });
    expect(asked).toMatchObject([{ limits }]);
  });

  test("that the plan does not give says which one does", async () => {
    await begin(short);
    const of = await runningId(api, "gil");
    const answer = await post({ node: "web", seconds: 31 }, { token: "gil", of });
    expect(await answer.json()).toMatchObject({ status: 403, code: "plan-required", requiredPlan: "pro" });
    const larger = await post({ node: "web", bytes: 50_000_001 });
    expect(await larger.json()).toMatchObject({ requiredPlan: "enterprise", plan: "pro" });
    expect(asked).toEqual([]);
  });

  test.each([
    { what: "no node", body: {} },
    { what: "no time", body: { node: "web", seconds: 0 } },
    { what: "more time than there is", body: { node: "web", seconds: 301 } },
    { what: "more bytes than there are", body: { node: "web", bytes: 200_000_001 } },
    { what: "a filter", body: { node: "web", filter: "tcp" } },
    { what: "a namespace", body: { node: "web", sandboxKey: "/proc/1/ns/net" } },
  ])("is none with $what", async ({ body }) => {
    await begin(short);
    expect(await (await post(body)).json()).toMatchObject({ status: 400, code: "invalid-input" });
    expect(asked).toEqual([]);
  });

  test.each([
    { what: "a link that is not there", link: "nothing", node: "web", status: 404 },
    { what: "a node that is not there", link: "front", node: "nobody", status: 404 },
    { what: "a node that is not on the link", link: "front", node: "db", status: 404 },
    { what: "a member that every object has", link: "front", node: "constructor", status: 404 },
  ])("is none of $what", async ({ link, node, status }) => {
    await begin(short);
    expect((await post({ node }, { link })).status).toBe(status);
  });

  test("is none of a node that does not run, or that the engine has lost", async () => {
    await begin(short);
    api.host.engine.end("web");
    const answer = await post({ node: "web" });
    expect(await answer.json()).toMatchObject({ status: 409, code: "simulation-state" });
  });

  test("that cannot begin is a problem, and one that breaks later is cut off", async () => {
    await begin(() => {
      throw new DomainError("unavailable", "The relay does not answer.");
    });
    expect((await post({ node: "web" })).status).toBe(503);
    await stopServer(api.app, 500);
    await begin(async function* () {
      yield await Promise.resolve(Buffer.from("pcap"));
      throw new Error("the relay is gone");
    });
    await expect(post({ node: "web" }).then((answer) => answer.text())).rejects.toThrow(/terminated|fetch failed/);
    expect(api.logged.join()).toContain("the relay is gone");
  });

  test("stops when its reader goes", async () => {
    await begin(endless(100));
    const answer = await post({ node: "web" });
    await until(() => open.count === 1);
    await answer.body?.cancel();
    await until(() => open.count === 0);
    expect(asked).toHaveLength(1);
  });

  test("is cut for a reader that takes nothing, and nothing piles up for it", async () => {
    await begin(endless(100_000), { stallMilliseconds: 100 });
    const before = process.memoryUsage().arrayBuffers;
    const answer = await post({ node: "web" });
    await until(() => open.count === 0);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(30_000_000);
    await expect(answer.arrayBuffer()).rejects.toThrow("terminated");
  });

  test("is cut off when the server stops", async () => {
    await begin(endless(100));
    const answer = await post({ node: "web" });
    const read = answer.arrayBuffer();
    const begunAt = performance.now();
    await Promise.all([stopServer(api.app, 5_000), expect(read).rejects.toThrow("terminated")]);
    expect(performance.now() - begunAt).toBeLessThan(2_000);
  });

  test("is one of two of its simulation", async () => {
    await begin(endless(10));
    const answers = [await post({ node: "web" }), await post({ node: "client" })];
    expect(await (await post({ node: "web" })).json()).toMatchObject({ status: 429, code: "stream-limit-reached" });
    const other = await post({ node: "web" }, { of: await runningId(api) });
    expect(other.status).toBe(200);
    for (const answer of [...answers, other]) await answer.body?.cancel();
    await until(() => open.count === 0);
    const again = await post({ node: "web" });
    expect(again.status).toBe(200);
    await again.body?.cancel();
  });
});
