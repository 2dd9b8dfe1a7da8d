import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aThreeTierLab } from "../../tests/support/run-host.ts";
import { aStanding } from "../../tests/support/sim-host.ts";
import type { DockerId, SeenContainer } from "../engine/ports.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { Links } from "../links/ports.ts";
import type { TimelineEvent } from "../topology/topology.ts";
import { captureFiles } from "./capture-files.ts";
import { keepCaptures, portsToCapture } from "./keep-captures.ts";
import type { Run } from "./run.ts";

const cable = (link: string): TimelineEvent => ({ kind: "link", link, state: "down", atSeconds: 1 });
const runId = `run-${"a".repeat(20)}`;
const run: Run = {
  ...{ tenantId: "acme", simulationId: "sim", id: runId, status: "running", seed: 1, standing: aStanding("acme") },
  ...{ topology: { name: "lab", digest: "x" }, startedAt: "", durationSeconds: 9 },
  ...{ faults: [], assertions: [], counters: [], captures: [] },
};
const networkId = "1".repeat(64) as DockerId;
const container = (node: string): SeenContainer => ({
  ...{ id: networkId, owner: { tenantId: "acme", simulationId: "sim", part: node, generation: 1 }, state: "running" },
  ...{ sandboxKey: `/run/docker/netns/${node}`, attachments: [{ networkId, ipAddress: "10.0.0.2", macAddress: node }] },
});

describe("which ports are captured", () => {
  it("is one of each link that the timeline speaks of, of a node that it lets run", () => {
    const timeline: readonly TimelineEvent[] = [
      ...[cable("front"), cable("back"), cable("front")],
      { kind: "node", node: "client", action: "kill", atSeconds: 2 },
    ];
    expect(portsToCapture(aThreeTierLab({ timeline }))).toEqual([
      { link: "front", node: "web" },
      { link: "back", node: "web" },
    ]);
    expect(portsToCapture(aThreeTierLab())).toEqual([]);
  });

  it("is four at most", () => {
    const links = ["a", "b", "c", "d", "e"].map((name) => ({
      ...{ name, nodes: ["client", "web"], impairment: {}, directions: [] },
    }));
    const timeline = links.map(({ name }) => cable(name));
    expect(portsToCapture({ links, timeline })).toHaveLength(4);
  });
});

describe("keeping captures", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "captures-"));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  const keep = (capture: Links["capture"], look = container) =>
    keepCaptures(
      {
        links: { capture },
        files: captureFiles(directory),
        sights: { look: (node) => Promise.resolve(look(node)) },
        networkOf: () => networkId,
      },
      aThreeTierLab({ timeline: [cable("front")] }),
      run,
    );
  const untilAborted = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve());
    });

  it("writes what passes until the run's end", async () => {
    const captures = keep(async function* (port, limits, signal) {
      expect(port).toEqual({ sandboxKey: "/run/docker/netns/client", macAddress: "client" });
      expect(limits).toEqual({ bytesMax: 1_048_576, secondsMax: 69 });
      yield Buffer.from("head");
      yield Buffer.from("frame");
      await untilAborted(signal);
    });
    await captures.begun;
    const report = { name: "front-client.pcap", link: "front", node: "client" };
    expect(captures.planned).toEqual([{ ...report, bytes: 0, isCut: false }]);
    expect(await captures.end()).toEqual([{ ...report, bytes: 9, isCut: false }]);
    expect(await captures.end()).toHaveLength(1);
    expect(await readFile(join(directory, runId, "front-client.pcap"), "utf8")).toBe("headframe");
  });

  it("says of one that has ended before that later frames are missing", async () => {
    const over = Promise.withResolvers<boolean>();
    // eslint-disable-next-line @typescript-eslint/require-await -- a stream that is over at once
    const captures = keep(async function* () {
      yield Buffer.from("full");
      setImmediate(() => over.resolve(true));
    });
    await over.promise;
    expect(await captures.end()).toMatchObject([{ bytes: 4, isCut: true }]);
  });

  it("says why there is none, and keeps nobody waiting for it", async () => {
    // eslint-disable-next-line @typescript-eslint/require-await, require-yield -- a stream that fails at once
    const captures = keep(async function* () {
      throw new DomainError("unavailable", "The host cannot capture.");
    });
    await captures.begun;
    expect(await captures.end()).toMatchObject([{ bytes: 0, isCut: false, reason: "The host cannot capture." }]);
  });
});

describe("files of captures", () => {
  let directory: string;
  beforeEach(async () => {
    directory = join(await mkdtemp(join(tmpdir(), "captures-")), "captures");
  });
  afterEach(async () => {
    await rm(join(directory, ".."), { recursive: true, force: true });
  });
  const [one, other] = [`run-${"a".repeat(20)}`, `run-${"b".repeat(20)}`];
  // eslint-disable-next-line @typescript-eslint/require-await -- a stream
  const bytes = async function* () {
    yield Buffer.from("bytes");
  };

  it("are found by run and name, and measured", async () => {
    const files = captureFiles(directory);
    expect(await files.sizes(one)).toEqual({});
    expect(await files.write(one, "a-b.pcap", bytes())).toBe(5);
    expect(await files.sizes(one)).toEqual({ "a-b.pcap": 5 });
    expect(Buffer.from(await files.read(one, "a-b.pcap")).toString()).toBe("bytes");
  });

  it("go when their run is gone, and only then", async () => {
    const files = captureFiles(directory);
    await files.keepOnly(() => new Set());
    await files.write(one, "a-b.pcap", bytes());
    await files.write(other, "a-b.pcap", bytes());
    await files.keepOnly(() => new Set([one]));
    expect([await files.sizes(one), await files.sizes(other)]).toEqual([{ "a-b.pcap": 5 }, {}]);
  });

  it("are nowhere else, whatever is asked for", async () => {
    const files = captureFiles(directory);
    await files.write(one, "a-b.pcap", bytes());
    const notFound = expect.objectContaining({ code: "not-found" }) as Error;
    for (const [run_, name] of [
      ["..", "a-b.pcap"],
      [`${one}/../${one}`, "a-b.pcap"],
      [one, "../a-b.pcap"],
      [one, "a-b"],
      [other, "a-b.pcap"],
    ] as const) {
      await expect(Promise.resolve().then(() => files.read(run_, name))).rejects.toThrow(notFound);
    }
  });
});
