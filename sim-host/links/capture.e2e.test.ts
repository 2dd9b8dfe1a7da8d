import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { waitUntil } from "../../local/process/wait-until.ts";
import type { LabNode, LinkLab } from "../../tests/support/link-lab.ts";
import { openLinkLab, ping, portState } from "../../tests/support/link-lab.ts";
import { findHostPort } from "./interfaces.ts";
import { openLinks } from "./open-links.ts";
import type { Links } from "./ports.ts";

const run = promisify(execFile);
const owner = `capture-${process.pid}`;
const nothing = (): void => undefined;

let lab: LinkLab;
let links: Links;
let a: LabNode;
let b: LabNode;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kombify-capture-"));
  lab = await openLinkLab(owner);
  [a, b] = await Promise.all([lab.addNode("a"), lab.addNode("b")]);
  links = openLinks({ owner, logger: { info: nothing, warn: nothing, error: nothing } });
});
afterAll(async () => {
  await links.close();
  await lab.close();
  await rm(folder, { recursive: true });
});

const never = new AbortController().signal;
const wide = { bytesMax: 1_000_000, secondsMax: 60 };

/** What a capture brings while `act` is done, which begins when the capture has begun. */
const capture = async (limits: typeof wide, signal: AbortSignal, act: () => Promise<unknown>): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  let acting: Promise<unknown> | undefined;
  for await (const piece of links.capture(b.port(), limits, signal)) {
    pieces.push(piece);
    acting ??= act();
  }
  await acting;
  return Buffer.concat(pieces);
};

/** Reads what is left of a capture: hosts and bridges speak now and then, so there may be something. */
const endOf = async (pieces: AsyncIterator<Uint8Array>): Promise<void> => {
  while ((await pieces.next()).done !== true) continue;
};

/** The frames of a capture, as tcpdump reads them. @throws Error when the file is cut */
const read = async (file: Buffer): Promise<readonly string[]> => {
  const path = join(folder, "capture.pcap");
  await writeFile(path, file);
  const { stdout, stderr } = await run("tcpdump", ["-n", "-r", path, "icmp"]);
  expect(stderr).not.toMatch(/truncated/);
  return stdout.split("\n").filter((line) => line !== "");
};

test("a capture has what the node sends and what reaches it, impairments included", async () => {
  await links.apply(portState(b, [[a, { lossPercent: 50 }]]));
  const end = new AbortController();
  let answered = 0;
  const file = await capture(wide, end.signal, async () => {
    answered = (await ping(a, b, 40, 5)).answered.length;
    end.abort();
  });
  const frames = await read(file);
  await links.release("port-b");
  expect(answered).toBeGreaterThan(0);
  expect(answered).toBeLessThan(40);
  expect(frames.filter((line) => line.includes("echo request"))).toHaveLength(answered);
  expect(frames.filter((line) => line.includes("echo reply"))).toHaveLength(answered);
});

test("a capture ends at its bound of bytes, after a whole frame", async () => {
  const bytesMax = 24 + 5 * (16 + 98) + 50;
  const file = await capture({ ...wide, bytesMax }, never, () => ping(a, b, 20, 5));
  expect(file.length).toBeLessThanOrEqual(bytesMax);
  // The next ping would have had no room.
  expect(file.length).toBeGreaterThan(bytesMax - (16 + 98));
  expect((await read(file)).length).toBeGreaterThan(0);
});

test("a capture ends by its time, though nothing passes and nobody reads", async () => {
  const startedAt = performance.now();
  const pieces = links.capture(b.port(), { ...wide, secondsMax: 1 }, never)[Symbol.asyncIterator]();
  await pieces.next();
  await endOf(pieces);
  const milliseconds = performance.now() - startedAt;
  expect(milliseconds).toBeGreaterThan(900);
  expect(milliseconds).toBeLessThan(5000);
});

/** How many programs capture in the namespace of a node. */
const captures = async (node: LabNode): Promise<number> => {
  const { ino } = await stat(node.port().sandboxKey);
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const isCapture = async (pid: string): Promise<boolean> => {
    const words = await readFile(`/proc/${pid}/cmdline`, "latin1");
    return words.startsWith("tcpdump\0") && (await stat(`/proc/${pid}/ns/net`)).ino === ino;
  };
  const found = await Promise.all(pids.map((pid) => isCapture(pid).catch(() => false)));
  return found.filter(Boolean).length;
};

test("the signal, the reader and the end of the links each end the program that captures", async () => {
  const ended = () => waitUntil(async () => (await captures(b)) === 0, 10_000);
  const other = openLinks({ owner: `${owner}-2`, logger: { info: nothing, warn: nothing, error: nothing } });
  const end = new AbortController();
  const bySignal = other.capture(b.port(), wide, end.signal)[Symbol.asyncIterator]();
  const byReader = other.capture(b.port(), wide, never)[Symbol.asyncIterator]();
  const byClose = other.capture(b.port(), wide, never)[Symbol.asyncIterator]();
  for (const pieces of [bySignal, byReader, byClose]) await pieces.next();
  expect(await captures(b)).toBe(3);
  end.abort();
  await endOf(bySignal);
  expect(await waitUntil(async () => (await captures(b)) === 2, 10_000)).toBe(true);
  await byReader.return?.();
  expect(await waitUntil(async () => (await captures(b)) === 1, 10_000)).toBe(true);
  await other.close();
  expect(await ended()).toBe(true);
  await endOf(byClose);
});

test("a capture whose host was killed ends by itself, soon after its time", async () => {
  // Nobody speaks with it, nor does the host: a frame would end the program too, which has nowhere to write it.
  const quiet = await lab.addNode("quiet");
  const { sandboxKey, macAddress } = quiet.port();
  const { name } = (await findHostPort(sandboxKey, macAddress))!;
  const hostMacs = ["address", "master/address"].map((file) => readFile(`/sys/class/net/${name}/${file}`, "latin1"));
  const sources = [a.port().macAddress, b.port().macAddress, ...(await Promise.all(hostMacs))];
  const impairment = { lossPercent: 100 };
  const bySource = sources.map((sourceMac) => ({ sourceMac: sourceMac.trim(), seed: "quiet", impairment }));
  await links.apply(portState(quiet, [], { bySource }));
  const order = JSON.stringify({ port: quiet.port(), secondsMax: 1 });
  const host = fork(join(import.meta.dirname, "fixtures", "capture-child.ts"), [order], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  await once(host, "message");
  host.kill("SIGKILL");
  expect(await captures(quiet)).toBe(1);
  expect(await waitUntil(async () => (await captures(quiet)) === 0, 30_000)).toBe(true);
});

test("a node that has gone ends its capture; one that is not there has none", async () => {
  const node = await lab.addNode("c");
  const pieces = links.capture(node.port(), wide, never)[Symbol.asyncIterator]();
  await pieces.next();
  await node.container.remove({ force: true });
  await endOf(pieces);
  const late = links.capture(node.port(), wide, never)[Symbol.asyncIterator]();
  await expect(late.next()).rejects.toMatchObject({ code: "not-found" });
});

test("what is no order of a capture is refused", async () => {
  const bad = [
    [{ ...b.port(), sandboxKey: "" }, wide],
    [{ ...b.port(), macAddress: "-i" }, wide],
    [b.port(), { ...wide, bytesMax: 0 }],
    [b.port(), { ...wide, secondsMax: Infinity }],
  ] as const;
  for (const [port, limits] of bad) {
    const pieces = links.capture(port, limits, never)[Symbol.asyncIterator]();
    await expect(pieces.next()).rejects.toMatchObject({ code: "invalid-input" });
  }
});
