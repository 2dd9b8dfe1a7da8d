import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { waitUntil } from "../../local/process/wait-until.ts";
import type { LabNode, LinkLab } from "../../tests/support/link-lab.ts";
import { median, openLinkLab, ping, portState, sendFile, smallest, tracesOf } from "../../tests/support/link-lab.ts";
import { openLinks } from "./open-links.ts";
import type { Links } from "./ports.ts";
import { openPortSocket } from "./relay/port-socket.ts";

const run = promisify(execFile);
const owner = `links-e2e-${process.pid}`;
const nothing = (): void => undefined;
const logger = { info: nothing, warn: nothing, error: nothing };

let lab: LinkLab;
let links: Links;
let a: LabNode;
let b: LabNode;
let c: LabNode;

beforeAll(async () => {
  lab = await openLinkLab(owner);
  [a, b, c] = await Promise.all([lab.addNode("a"), lab.addNode("b"), lab.addNode("c")]);
  links = openLinks({ owner, logger });
});
afterAll(async () => {
  await links.close();
  await lab.close();
});
afterEach(async () => {
  await Promise.all([a, b, c].map((node) => links.release(`port-${node.name}`)));
});

test("a delay of 20 ms in each direction makes round trips of 40 ms", async () => {
  expect(median((await ping(a, b, 30)).milliseconds)).toBeLessThan(10);
  await links.apply(portState(b, [[a, { delayMilliseconds: 20 }]]));
  await links.apply(portState(a, [[b, { delayMilliseconds: 20 }]]));
  const { milliseconds } = await ping(a, b, 60, 20);
  expect(milliseconds.length).toBeGreaterThan(55);
  expect(smallest(milliseconds)).toBeGreaterThan(39.5);
  expect(median(milliseconds)).toBeLessThan(50);
});

test("jitter spreads them between its bounds", async () => {
  await links.apply(portState(b, [[a, { delayMilliseconds: 30, jitterMilliseconds: 20 }]]));
  const { milliseconds } = await ping(a, b, 100, 60);
  const sorted = milliseconds.toSorted((one, other) => one - other);
  expect(sorted.length).toBeGreaterThan(95);
  expect(sorted[0]).toBeGreaterThan(9.5);
  // A tenth of them is due before 14 ms, another after 46.
  expect(sorted[Math.floor(sorted.length * 0.2)]).toBeLessThan(28);
  expect(sorted[Math.floor(sorted.length * 0.8)]).toBeGreaterThan(35);
  expect(median(milliseconds)).toBeLessThan(45);
});

test("loss takes its share of the frames, all or none of them", async () => {
  await links.apply(portState(b, [[a, { lossPercent: 30 }]]));
  // 700 of 1000 are answered; the standard deviation is 14.5.
  const some = await ping(a, b, 1000, 2);
  expect(some.sent).toBe(1000);
  expect(some.answered.length).toBeGreaterThan(620);
  expect(some.answered.length).toBeLessThan(780);
  await links.apply(portState(b, [[a, { lossPercent: 0 }]]));
  expect((await ping(a, b, 200, 2)).answered).toHaveLength(200);
  await links.apply(portState(b, [[a, { lossPercent: 100 }]]));
  expect((await ping(a, b, 20)).answered).toEqual([]);
});

test("the same seed loses the same frames", async () => {
  const neighbour = async (node: LabNode, other: LabNode): Promise<void> => {
    // Without questions about addresses, whose moments are chance, the pings are all that is sent.
    const who = [other.address(), "lladdr", other.port().macAddress, "dev", "eth0", "nud", "permanent"];
    await run("nsenter", [`--net=${node.port().sandboxKey}`, "--", "ip", "neigh", "replace", ...who]);
  };
  await neighbour(a, b);
  await neighbour(b, a);
  const answeredWith = async (seed: string): Promise<readonly number[]> => {
    const state = portState(b, [[a, { lossPercent: 50 }]]);
    await links.apply({ ...state, bySource: state.bySource.map((source) => ({ ...source, seed })) });
    const { answered } = await ping(a, b, 200, 2);
    await links.release(state.portId);
    return answered;
  };
  const first = await answeredWith("one");
  expect(first.length).toBeGreaterThan(50);
  expect(await answeredWith("one")).toEqual(first);
  expect(await answeredWith("other")).not.toEqual(first);
});

test("each direction and each source has its own impairment", async () => {
  await links.apply(
    portState(b, [
      [a, { delayMilliseconds: 30 }],
      [c, { lossPercent: 100 }],
    ]),
  );
  const oneWay = await ping(a, b, 20);
  expect(smallest(oneWay.milliseconds)).toBeGreaterThan(29.5);
  expect(median(oneWay.milliseconds)).toBeLessThan(50);
  expect((await ping(c, b, 10)).answered).toEqual([]);
  expect(median((await ping(a, c, 20)).milliseconds)).toBeLessThan(10);
  const counters = await links.counters("port-b");
  expect(counters.map(({ sourceMac }) => sourceMac)).toEqual([a.port().macAddress, c.port().macAddress]);
  expect(counters[0]?.frames).toBeGreaterThanOrEqual(20);
  expect(counters[0]?.bytes).toBeGreaterThanOrEqual(20 * 98);
  expect(counters[0]?.lost).toBe(0);
  // ARP's questions among them.
  expect(counters[1]?.lost).toBeGreaterThanOrEqual(1);
  expect(counters[1]?.lost).toBe(counters[1]?.frames);
});

test("a rate of 4 Mbit/s lets a megabyte of TCP take two seconds", async () => {
  await a.exec("dd", "if=/dev/urandom", "of=/tmp/small", "bs=1000", "count=1000");
  expect((await sendFile(a, b, "/tmp/small")).seconds).toBeLessThan(1.5);
  await links.apply(portState(b, [[a, { rateBitsPerSecond: 4_000_000 }]]));
  const { seconds } = await sendFile(a, b, "/tmp/small");
  expect(seconds).toBeGreaterThan(1.9);
  expect(seconds).toBeLessThan(8);
});

test("where every frame is damaged nothing is answered, and where a tenth is, TCP still brings all bytes", async () => {
  await a.exec("dd", "if=/dev/urandom", "of=/tmp/medium", "bs=1000", "count=1000");
  const [sha256] = (await a.exec("sha256sum", "/tmp/medium")).split(" ");
  await ping(a, b, 1);
  await links.apply(portState(b, [[a, { corruptionPercent: 100 }]]));
  expect((await ping(a, b, 10)).answered).toEqual([]);
  expect((await links.counters("port-b"))[0]?.corrupted).toBeGreaterThanOrEqual(10);
  await links.apply(portState(b, [[a, { corruptionPercent: 10 }]]));
  const before = (await links.counters("port-b"))[0]?.corrupted ?? 0;
  expect((await sendFile(a, b, "/tmp/medium")).sha256).toBe(sha256);
  expect((await links.counters("port-b"))[0]?.corrupted).toBeGreaterThan(before + 10);
});

test("20 MB of TCP pass a delay of 5 ms unharmed", async () => {
  await a.exec("dd", "if=/dev/urandom", "of=/tmp/large", "bs=1000000", "count=20");
  const [sha256] = (await a.exec("sha256sum", "/tmp/large")).split(" ");
  await links.apply(portState(b, [[a, { delayMilliseconds: 5 }]]));
  await links.apply(portState(a, [[b, { delayMilliseconds: 5 }]]));
  expect((await sendFile(a, b, "/tmp/large")).sha256).toBe(sha256);
  expect(smallest((await ping(a, b, 10)).milliseconds)).toBeGreaterThan(9.5);
  // A tap takes no frames larger than the network's: what TCP hands over at once was taken apart before.
  const [counters] = await links.counters("port-b");
  expect(counters!.bytes / counters!.frames).toBeLessThan(1515);
  expect(counters!.bytes).toBeGreaterThan(20_000_000);
});

test("a link that is down has no carrier and carries nothing, and is as before when it is up again", async () => {
  const carrier = async (): Promise<string> => (await b.exec("cat", "/sys/class/net/eth0/carrier")).trim();
  const impairments = [[a, { delayMilliseconds: 10 }]] as const;
  await links.apply(portState(b, impairments));
  expect(await carrier()).toBe("1");
  await links.apply(portState(b, impairments, { isDown: true }));
  expect(await carrier()).toBe("0");
  expect((await ping(a, b, 5)).answered).toEqual([]);
  await links.apply(portState(b, impairments));
  expect(await carrier()).toBe("1");
  const { milliseconds } = await ping(a, b, 10);
  expect(smallest(milliseconds)).toBeGreaterThan(9.5);
  await links.apply(portState(b, [], { isDown: true }));
  expect(await carrier()).toBe("0");
  await links.apply(portState(b, []));
  expect(await carrier()).toBe("1");
  expect(await tracesOf(owner, [b])).toEqual([]);
});

test("a change is felt at once while frames pass", async () => {
  await links.apply(portState(b, [[a, { delayMilliseconds: 200 }]]));
  const pinging = ping(a, b, 150, 20);
  await links.apply(portState(b, [[a, { delayMilliseconds: 100 }]]));
  for (const delayMilliseconds of [60, 30, 10, 0]) {
    await ping(c, a, 20);
    await links.apply(portState(b, [[a, { delayMilliseconds }]]));
  }
  const { answered, milliseconds } = await pinging;
  expect(answered.length).toBeGreaterThan(140);
  expect(Math.max(...milliseconds)).toBeGreaterThan(59);
  expect(median(milliseconds.slice(-10))).toBeLessThan(10);
});

test("a port without impairments leaves no trace, and one with them leaves none after its release", async () => {
  expect(await tracesOf(owner, [a, b, c])).toEqual([]);
  await links.apply(portState(b, [[a, { delayMilliseconds: 10 }]]));
  await links.apply(portState(b, [[a, { delayMilliseconds: 10 }]]));
  // One tap, one mark, one filter, however often it is applied.
  expect(await tracesOf(owner, [a, b, c])).toHaveLength(3);
  await links.apply(portState(b, []));
  expect(await tracesOf(owner, [a, b, c])).toEqual([]);
  await links.apply(portState(b, [[a, { lossPercent: 100 }]], { isDown: true }));
  await links.release("port-b");
  await links.release("port-b");
  await links.release("port-that-never-was");
  expect(await tracesOf(owner, [a, b, c])).toEqual([]);
  expect((await ping(a, b, 5)).answered).toHaveLength(5);
});

test("a node that was started again has its impairments after the next apply, and one that is gone leaves nothing", async () => {
  const node = await lab.addNode("d");
  const state = () => portState(node, [[a, { delayMilliseconds: 25 }]]);
  await links.apply(state());
  await node.container.restart({ t: 0 });
  await node.refresh();
  await links.apply(state());
  expect(smallest((await ping(a, node, 10)).milliseconds)).toBeGreaterThan(24.5);
  await node.container.remove({ force: true });
  await expect(links.apply(state())).rejects.toMatchObject({ code: "not-found" });
  await links.release("port-d");
  expect(await tracesOf(owner, [a, b, c])).toEqual([]);
});

test("many changes of many ports at once end with the last ones", async () => {
  const change = (node: LabNode, delayMilliseconds: number) =>
    links.apply(portState(node, delayMilliseconds === 0 ? [] : [[a, { delayMilliseconds }]]));
  await Promise.all([b, c, b, c, b, c].map((node, index) => change(node, index % 4 === 0 ? 0 : 5 + index)));
  expect(smallest((await ping(a, c, 10)).milliseconds)).toBeGreaterThan(9.5);
  expect(median((await ping(a, b, 10)).milliseconds)).toBeLessThan(8);
  expect(await tracesOf(owner, [a, b, c])).toHaveLength(3);
});

test("what the host itself says on a tap does not reach the node", async () => {
  await links.apply(portState(b, [[a, {}]]));
  const tap = (await tracesOf(owner, [])).find((trace) => trace.startsWith("tap "))?.slice("tap ".length) ?? "";
  const read = (name: string) => readFile(`/sys/class/net/${tap}/${name}`, "latin1");
  const socket = openPortSocket(Number(await read("ifindex")));
  const received = async (): Promise<number> =>
    Number(await b.exec("cat", "/sys/class/net/eth0/statistics/rx_packets"));
  const send = (sourceMac: string): boolean => {
    const addresses = `${b.port().macAddress}${sourceMac}`.trim().replaceAll(":", "");
    const frame = Buffer.concat([Buffer.from(`${addresses}88b5`, "hex"), Buffer.alloc(46)]);
    return socket.transmit(frame, frame.length);
  };
  expect((await readFile(`/proc/sys/net/ipv6/conf/${tap}/disable_ipv6`, "latin1")).trim()).toBe("1");
  const before = await received();
  for (let count = 0; count < 20; count += 1) expect(send(await read("address"))).toBe(true);
  expect(send("02:00:00:00:00:01")).toBe(true);
  // Frames keep their order: when the other one is there, none of those before it comes any more.
  expect(await waitUntil(async () => (await received()) > before, 10_000)).toBe(true);
  expect(await received()).toBeLessThan(before + 10);
  socket.close();
});

test("what is no state of a port is refused before anything is run", async () => {
  const state = portState(b, [[a, { delayMilliseconds: 10 }]]);
  const bad = [
    { portId: "--help" },
    { sandboxKey: "" },
    { sandboxKey: "/proc/1/ns/net" },
    { macAddress: "02:42;reboot" },
    { bySource: [{ ...state.bySource[0]!, sourceMac: "$(reboot)" }] },
    { bySource: [{ ...state.bySource[0]!, impairment: { lossPercent: 101 } }] },
  ];
  for (const change of bad)
    await expect(links.apply({ ...state, ...change })).rejects.toMatchObject({ code: "invalid-input" });
  await expect(links.release("")).rejects.toMatchObject({ code: "invalid-input" });
  await expect(links.apply({ ...state, macAddress: "02:00:00:00:00:01" })).rejects.toMatchObject({ code: "not-found" });
  expect(await tracesOf(owner, [a, b, c])).toEqual([]);
});
