import type { ChildProcess } from "node:child_process";
import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { waitUntil } from "../../local/process/wait-until.ts";
import type { LabNode, LinkLab } from "../../tests/support/link-lab.ts";
import { median, openLinkLab, ping, portState, relaysOf, smallest, tracesOf } from "../../tests/support/link-lab.ts";
import { makeHostTraces } from "./host-traces.ts";
import { openLinks } from "./open-links.ts";
import type { Links, PortState } from "./ports.ts";
import { makeRandom } from "./random.ts";

const run = promisify(execFile);
const owner = `recovery-${process.pid}`;
const nothing = (): void => undefined;
const logger = { info: nothing, warn: nothing, error: nothing };
const boundMilliseconds = 20_000;

let lab: LinkLab;
let a: LabNode;
let b: LabNode;
const opened: Links[] = [];
const open = (): Links => {
  const links = openLinks({ owner, logger });
  opened.push(links);
  return links;
};

beforeAll(async () => {
  lab = await openLinkLab(owner);
  [a, b] = await Promise.all([lab.addNode("a"), lab.addNode("b")]);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((links) => links.close()));
});
afterAll(() => lab.close());

const delayed = (): readonly PortState[] => [
  portState(b, [[a, { delayMilliseconds: 20 }]]),
  portState(a, [[b, { delayMilliseconds: 20 }]]),
];
const isDelayed = async (): Promise<boolean> => {
  // Long enough to see more than the moment in which a new relay begins.
  const { milliseconds } = await ping(a, b, 8, 50);
  return milliseconds.length === 8 && smallest(milliseconds) > 39.5;
};

test("a relay that is killed is replaced, and all ports are as they were", async () => {
  const links = open();
  for (const state of delayed()) await links.apply(state);
  const [before] = await relaysOf(owner);
  for (let round = 0; round < 3; round += 1) {
    const [pid] = await relaysOf(owner);
    process.kill(pid!, "SIGKILL");
    expect(await waitUntil(isDelayed, boundMilliseconds)).toBe(true);
  }
  expect(await relaysOf(owner)).toHaveLength(1);
  expect(await relaysOf(owner)).not.toEqual([before]);
  // Two taps, two marks, two filters.
  expect(await tracesOf(owner, [a, b])).toHaveLength(6);
});

test("while there is no relay nothing passes: never does a frame arrive as if there were no impairments", async () => {
  const links = open();
  for (const state of delayed()) await links.apply(state);
  const framesSeen = async (): Promise<number> => (await links.counters("port-b"))[0]?.frames ?? 0;
  for (let round = 0; round < 3; round += 1) {
    const before = await framesSeen();
    const pinging = ping(a, b, 150, 10);
    expect(await waitUntil(async () => (await framesSeen()) > before + 15, boundMilliseconds)).toBe(true);
    const [pid] = await relaysOf(owner);
    process.kill(pid!, "SIGKILL");
    const { answered, milliseconds } = await pinging;
    expect(answered.length).toBeLessThan(150);
    expect(smallest(milliseconds)).toBeGreaterThan(39.5);
    expect(await waitUntil(isDelayed, boundMilliseconds)).toBe(true);
  }
});

test("a relay that hangs is ended and replaced", async () => {
  const links = open();
  for (const state of delayed()) await links.apply(state);
  const [pid] = await relaysOf(owner);
  process.kill(pid!, "SIGSTOP");
  // Nobody asks it for anything.
  expect(await waitUntil(async () => !(await relaysOf(owner)).includes(pid!), boundMilliseconds)).toBe(true);
  expect(await waitUntil(isDelayed, boundMilliseconds)).toBe(true);
});

test("who asks a relay that hangs learns so in bounded time", async () => {
  const links = open();
  await links.apply(delayed()[0]!);
  const [pid] = await relaysOf(owner);
  process.kill(pid!, "SIGSTOP");
  await expect(links.counters("port-b")).rejects.toMatchObject({ code: "unavailable" });
});

test("a tap that somebody removes is made again", async () => {
  const links = open();
  for (const state of delayed()) await links.apply(state);
  const [tap] = (await tracesOf(owner, [])).filter((trace) => trace.startsWith("tap"));
  await run("ip", ["link", "del", tap!.slice("tap ".length)]);
  expect(await waitUntil(isDelayed, boundMilliseconds)).toBe(true);
});

/** Interfaces that are marked. */
const marked = async (): Promise<readonly string[]> =>
  (await tracesOf(owner, [])).flatMap((trace) =>
    trace.startsWith("mark at ") ? [trace.slice("mark at ".length)] : [],
  );

const where = ["egress", "protocol", "all", "pref", "1", "handle", "800::800"];

test.each([
  ["its filter", (name: string) => run("tc", ["filter", "del", "dev", name, ...where, "u32"])],
  ["all filters", (name: string) => run("tc", ["qdisc", "del", "dev", name, "clsact"])],
  ["the mark", (name: string) => run("ip", ["link", "set", "dev", name, "alias", ""])],
  ["the cable", (name: string) => run("ip", ["link", "set", "dev", name, "down"])],
])(
  "a port that somebody takes %s from has it again after the next check, and frames are counted on",
  async (_, harm) => {
    const links = open();
    for (const state of delayed()) await links.apply(state);
    expect(await isDelayed()).toBe(true);
    const [before] = await links.counters("port-b");
    for (const name of await marked()) await harm(name);
    await links.check();
    expect(await isDelayed()).toBe(true);
    expect((await links.counters("port-b"))[0]!.frames).toBeGreaterThan(before!.frames);
    expect(await tracesOf(owner, [a, b])).toHaveLength(6);
  },
);

test("a cable that is pulled stays so, whoever plugs it in", async () => {
  const links = open();
  await links.apply(portState(b, [], { isDown: true }));
  for (const name of await marked()) await run("ip", ["link", "set", "dev", name, "up"]);
  expect((await ping(a, b, 3)).answered).toHaveLength(3);
  await links.check();
  expect((await ping(a, b, 3)).answered).toEqual([]);
});

test("an interface that goes away while filters are looked at hides none of the others", async () => {
  const links = open();
  for (const state of delayed()) await links.apply(state);
  const traces = makeHostTraces(owner, "kt");
  const ports = await traces.marked();
  expect(ports).toHaveLength(2);
  const gone = { ...ports[0]!, name: "kombify-gone" };
  const names = ports.map(({ name }) => name).sort();
  expect([...(await traces.redirected([ports[0]!, gone, ports[1]!]))].sort()).toEqual(names);
  expect([...(await traces.redirected([gone]))]).toEqual([]);
});

test("a check that finds all in place changes nothing, and one among changes neither", async () => {
  const warned: string[] = [];
  const links = openLinks({ owner, logger: { ...logger, warn: (message) => void warned.push(message) } });
  opened.push(links);
  await Promise.all(delayed().flatMap((state) => [links.apply(state), links.check(), links.apply(state)]));
  const [before] = await relaysOf(owner);
  await links.check();
  expect(await isDelayed()).toBe(true);
  await Promise.all([links.release("port-a"), links.check(), links.release("port-b"), links.check()]);
  await links.check();
  expect(await tracesOf(owner, [a, b])).toEqual([]);
  expect([await relaysOf(owner), warned]).toEqual([[before], []]);
});

const hostOf = (states: readonly PortState[]): ChildProcess =>
  fork(join(import.meta.dirname, "fixtures", "links-child.ts"), [JSON.stringify({ owner, states })], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });

const kill = async (host: ChildProcess): Promise<void> => {
  const exit = once(host, "exit");
  host.kill("SIGKILL");
  await exit;
};

test("when the host is killed its relay ends with it, nothing passes, and the next run takes away what nobody wants", async () => {
  const host = hostOf(delayed());
  await once(host, "message");
  expect(await isDelayed()).toBe(true);
  await kill(host);
  expect(await waitUntil(async () => (await relaysOf(owner)).length === 0, boundMilliseconds)).toBe(true);
  expect((await ping(a, b, 3)).answered).toEqual([]);
  expect((await tracesOf(owner, [a, b])).length).toBeGreaterThan(0);
  // Whose record wants them, but cannot be applied yet.
  await open().check(new Set(["port-a", "port-b"]));
  expect((await ping(a, b, 3)).answered).toEqual([]);
  await open().check();
  expect(await tracesOf(owner, [a, b])).toEqual([]);
  expect(median((await ping(a, b, 5)).milliseconds)).toBeLessThan(10);
});

test("from the end of a host until the next one has its links as they were, no frame arrives without its impairments", async () => {
  const host = hostOf(delayed());
  await once(host, "message");
  expect(await isDelayed()).toBe(true);
  const pinging = ping(a, b, 300, 10);
  await kill(host);
  expect(await waitUntil(async () => (await relaysOf(owner)).length === 0, boundMilliseconds)).toBe(true);
  const links = open();
  for (const state of delayed()) await links.apply(state);
  await links.check();
  expect(await isDelayed()).toBe(true);
  const { answered, milliseconds } = await pinging;
  expect(answered.length).toBeLessThan(300);
  expect(smallest(milliseconds)).toBeGreaterThan(39.5);
});

test("interfaces are cleared of a mark alone, as a host leaves that is killed at its first step", async () => {
  const links = open();
  for (const state of delayed()) await links.apply(state);
  const names = await marked();
  await links.close();
  for (const name of names) await run("ip", ["link", "set", "dev", name, "alias", `kombify-link:${owner}:port-x`]);
  await open().check();
  expect(await tracesOf(owner, [a, b])).toEqual([]);
});

test("whenever a host is killed, the next run takes all traces away", async () => {
  const random = makeRandom("moments of death");
  const [first, second] = delayed();
  const states = [first!, { ...second!, isDown: true }, { ...first!, bySource: [] }, second!];
  for (let round = 0; round < 8; round += 1) {
    const host = hostOf(states);
    // At its beginning, and in the midst of its changes.
    if (round % 4 === 0) await delay(random() * 1000);
    else {
      await once(host, "message");
      await delay(random() * 150);
    }
    await kill(host);
    await waitUntil(async () => (await relaysOf(owner)).length === 0, boundMilliseconds);
    const links = openLinks({ owner, logger });
    await links.check();
    // The kernel takes a device away a moment after the end of the process that held it.
    await expect.poll(() => tracesOf(owner, [a, b]), { timeout: boundMilliseconds }).toEqual([]);
    await links.close();
  }
  expect((await ping(a, b, 3)).answered).toHaveLength(3);
});

test("the end of a host takes all it has applied away, whatever is under way, and refuses what is asked for afterwards", async () => {
  const random = makeRandom("moments of the end");
  for (let round = 0; round < 6; round += 1) {
    const links = openLinks({ owner, logger });
    const underWay = delayed().map((state) => links.apply(state).catch(nothing));
    await delay(random() * 60);
    await links.close();
    await Promise.all(underWay);
    expect(await tracesOf(owner, [a, b])).toEqual([]);
    expect(await relaysOf(owner)).toEqual([]);
    await expect(links.apply(delayed()[0]!)).rejects.toMatchObject({ code: "unavailable" });
    expect(await tracesOf(owner, [a, b])).toEqual([]);
  }
});

test("two hosts on one machine leave each other's links alone", async () => {
  const links = open();
  for (const state of delayed()) await links.apply(state);
  const other = openLinks({ owner: `${owner}-2`, logger });
  await other.close();
  expect(await isDelayed()).toBe(true);
});
