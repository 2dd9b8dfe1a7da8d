import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitUntil } from "../../local/process/wait-until.ts";
import { testEngine } from "../../tests/support/docker-engine.ts";
import { rawDocker, testTenant } from "../../tests/support/docker.ts";
import { dockerEngine } from "./docker-engine.ts";
import type { ContainerWish, DockerId, Engine } from "./ports.ts";

const real = await testEngine();
const { socketPath, toolbox } = real ?? { socketPath: "", toolbox: { imageId: "" } };
const engine = dockerEngine({ socketPath });
const docker = rawDocker(socketPath);
type Line = Readonly<{ stream: string; at: string; line: string }>;

describe.skipIf(real === undefined)("watching nodes", () => {
  let tenant: ReturnType<typeof testTenant>;
  beforeAll(() => {
    tenant = testTenant(engine, toolbox.imageId);
  });
  afterAll(() => tenant.cleanUp());

  const started = async (part: string, overrides: Partial<ContainerWish> = {}): Promise<DockerId> => {
    const id = await engine.createContainer(tenant.aContainer(part, overrides));
    await engine.start(id);
    return id;
  };
  const read = async (id: DockerId, options: Partial<Parameters<Engine["logs"]>[1]> = {}): Promise<readonly Line[]> => {
    const lines: Line[] = [];
    const signal = AbortSignal.timeout(20_000);
    for await (const line of engine.logs(id, { follow: true, tailLines: 1000, signal, ...options })) lines.push(line);
    return lines;
  };
  const printed = (script: string) => ({ command: ["sh", "-c", script] });

  it("shows what a node prints on both outputs, until it ends", async () => {
    const id = await started("words", printed("echo one; echo two >&2; printf '\\033[31mred\\033[0m\\n'; printf end"));
    const lines = await read(id);
    expect(lines.filter(({ stream }) => stream === "stdout").map(({ line }) => line)).toStrictEqual([
      "one",
      "\u001b[31mred\u001b[0m",
      "end",
    ]);
    expect(lines.filter(({ stream }) => stream === "stderr").map(({ line }) => line)).toStrictEqual(["two"]);
    for (const { at } of lines) expect(Date.parse(at)).not.toBeNaN();
    expect((await read(id, { follow: false, tailLines: 1 })).map(({ line }) => line)).toStrictEqual(["end"]);
  });

  it("shows the last line of each of many nodes that end while they are read", async () => {
    const nodes = Array.from({ length: 20 }, async (_, index) => {
      const lines = await read(await started(`brief-${index}`, printed("echo one; echo two >&2; printf end")));
      return lines.map(({ line }) => line).toSorted();
    });
    expect(await Promise.all(nodes)).toStrictEqual(nodes.map(() => ["end", "one", "two"]));
  });

  it("cuts a line that never seems to end, and shows the next one whole", async () => {
    const id = await started("long", printed("head -c 200000 /dev/zero | tr '\\0' x; echo; echo next"));
    expect((await read(id)).map(({ line }) => line)).toStrictEqual(["x".repeat(8192), "next"]);
  });

  it("ends with its signal, while the node goes on", async () => {
    const id = await started("ticks", printed("while :; do echo tick; usleep 10000; done"));
    const ended = new AbortController();
    let count = 0;
    for await (const { line } of engine.logs(id, { follow: true, tailLines: 0, signal: ended.signal })) {
      expect(line).toBe("tick");
      count += 1;
      if (count === 3) ended.abort();
    }
    expect(count).toBeGreaterThanOrEqual(3);
    expect((await engine.inspect(id))?.state).toBe("running");
  });

  it("leaves no socket open when who reads goes away", async () => {
    const id = await started("quiet", printed("while :; do echo tick; usleep 10000; done"));
    const signal = new AbortController().signal;
    const openSockets = () => process.getActiveResourcesInfo().filter((one) => one === "PipeWrap").length;
    const before = openSockets();
    for (let count = 0; count < 5; count += 1) {
      for await (const _line of engine.logs(id, { follow: true, tailLines: 1, signal })) break;
    }
    await expect.poll(openSockets).toBeLessThanOrEqual(before);
  });

  it("says that there is no such node", async () => {
    const id = await engine.createContainer(tenant.aContainer("gone"));
    await engine.removeContainer(id);
    await expect(read(id)).rejects.toMatchObject({ code: "not-found" });
    await expect(read(id, { follow: false })).rejects.toMatchObject({ code: "not-found" });
    await expect(engine.stats(id)).rejects.toMatchObject({ code: "not-found" });
  });

  it("tells changes of our containers as they happen, and of no others", async () => {
    const ended = new AbortController();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { owner, action, exitCode } of engine.watch(ended.signal)) {
        if (owner.tenantId !== tenant.tenantId) continue;
        seen.push([owner.part, action, ...(exitCode === undefined ? [] : [exitCode])].join(" "));
      }
    })();
    const isListening = await waitUntil(async () => {
      await engine.removeContainer(await engine.createContainer(tenant.aContainer("probe")));
      return seen.length > 0;
    }, 20_000);
    expect(isListening).toBe(true);
    const { imageId } = tenant.aContainer("x");
    const Labels = { "kombify.sim.managed": "1", "kombify.sim.tenant": tenant.tenantId };
    const stranger = await docker.createContainer({ Image: imageId, Cmd: ["true"], Labels });
    await stranger.remove();
    const id = await started("watched");
    await engine.run(id, ["true"], { outputBytesMax: 1, timeoutMilliseconds: 5000 });
    for (const change of ["pause", "resume", "kill", "removeContainer"] as const) await engine[change](id);
    expect(await waitUntil(() => seen.includes("watched destroy"), 20_000)).toBe(true);
    ended.abort();
    await watching;
    expect(seen.filter((one) => !one.startsWith("probe"))).toStrictEqual([
      "watched create",
      "watched start",
      "watched pause",
      "watched unpause",
      "watched die 137",
      "watched destroy",
    ]);
  });

  it("tells how healthy a node is", async () => {
    const command = ["test", "-e", "/tmp/well"];
    const healthcheck = { command, intervalSeconds: 1, timeoutSeconds: 1, retries: 1 };
    const id = await started("patient", { healthcheck });
    const health = async () => (await engine.inspect(id))?.health;
    expect(await health()).toBe("starting");
    await expect.poll(health, { timeout: 10_000 }).toBe("unhealthy");
    await engine.run(id, ["touch", "/tmp/well"], { outputBytesMax: 1, timeoutMilliseconds: 5000 });
    await expect.poll(health, { timeout: 10_000 }).toBe("healthy");
  });

  it("measures a node that works, one that rests, and one that has ended", async () => {
    const [busy, idle] = [await started("busy", printed("while :; do :; done")), await started("idle")];
    const [working, resting] = [await engine.stats(busy), await engine.stats(idle)];
    expect(working.cpuPercent).toBeGreaterThan(3);
    expect(resting.cpuPercent).toBeLessThan(working.cpuPercent);
    expect(resting.memoryMegabytes).toBeGreaterThan(0);
    expect(resting.memoryMegabytes).toBeLessThan(20);
    expect(resting.pids).toBeGreaterThanOrEqual(1);
    await engine.kill(busy);
    expect(await engine.stats(busy)).toStrictEqual({ cpuPercent: 0, memoryMegabytes: 0, pids: 0 });
  });
});
