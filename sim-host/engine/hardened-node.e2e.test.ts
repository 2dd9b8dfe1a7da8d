import { spawn } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitUntil } from "../../local/process/wait-until.ts";
import { testEngine } from "../../tests/support/docker-engine.ts";
import { rawDocker, testTenant } from "../../tests/support/docker.ts";
import { dockerEngine } from "./docker-engine.ts";
import type { ContainerWish, DockerId } from "./ports.ts";

const real = await testEngine();
const { socketPath, toolbox } = real ?? { socketPath: "", toolbox: { imageId: "" } };
const engine = dockerEngine({ socketPath });
const docker = rawDocker(socketPath);
const bytesPerMegabyte = 1_048_576;

/** What a resolver of the host's own loopback address would get to hear, were it asked on behalf of nodes. */
const listenForNames = async () => {
  const script = `const socket = require("node:dgram").createSocket("udp4");
    socket.on("message", (message) => console.log(message.toString("latin1")));
    socket.bind(53, "127.0.0.1", () => console.error("listening"));`;
  const inside = [`--net=${real?.networkNamespace ?? ""}`, process.execPath, "-e", script];
  const child = spawn("nsenter", inside, { stdio: ["ignore", "pipe", "pipe"] });
  let heard = "";
  child.stdout.on("data", (chunk: Buffer) => (heard += chunk.toString()));
  const said: unknown[] = await once(child.stderr, "data");
  expect(said.map(String)).toStrictEqual(["listening\n"]);
  return { heard: () => heard, stop: () => child.kill() };
};

describe.skipIf(real === undefined)("inside a node", () => {
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
  const sh = async (id: DockerId, script: string) => {
    const limits = { outputBytesMax: 65_536, timeoutMilliseconds: 30_000 };
    const { exitCode, output } = await engine.run(id, ["sh", "-c", script], limits);
    return { exitCode, text: new TextDecoder().decode(output) };
  };
  const ended = async (id: DockerId) => {
    expect(await waitUntil(async () => (await engine.inspect(id))?.state === "exited", 60_000)).toBe(true);
    return engine.inspect(id);
  };

  it("nobody has any rights: neither its program nor commands run in it", async () => {
    const status = "cat /proc/self/status; id; cat /proc/self/attr/current 2>/dev/null; true";
    const id = await started("status", { command: ["sh", "-c", `${status}; sleep infinity`] });
    const ofCommand = (await sh(id, status)).text;
    const signal = AbortSignal.timeout(10_000);
    let ofProgram = "";
    for await (const { line } of engine.logs(id, { follow: true, tailLines: 1000, signal })) {
      ofProgram += `${line}\n`;
      if (line.startsWith("uid=")) break;
    }
    for (const text of [ofCommand, ofProgram]) {
      for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"])
        expect(text).toContain(`${set}:\t0000000000000000`);
      expect(text).toMatch(/^NoNewPrivs:\t1$/m);
      expect(text).toMatch(/^Seccomp:\t2$/m);
      expect(text).toMatch(/^Groups:\t(65534 )?$/m);
      expect(text).toMatch(/uid=65534\S* gid=65534/);
    }
  });

  it("only /tmp and /data can be written, to their bounds, and nothing in /tmp can be run", async () => {
    const id = await started("disk", { memoryMegabytes: 128 });
    expect((await sh(id, "echo x >/bin/x || echo x >/etc/x || echo x >/x")).text).toContain("Read-only file system");
    expect((await sh(id, "cp /bin/busybox /tmp/echo && /tmp/echo hi")).text).toContain("Permission denied");
    for (const [folder, bound] of [
      ["/tmp", 16],
      ["/data", 32],
    ] as const) {
      const filled = await sh(
        id,
        `dd if=/dev/zero of=${folder}/big bs=1M count=100; du -m ${folder}/big; rm ${folder}/big`,
      );
      expect(filled.text).toContain("No space left on device");
      const written = Number(/^(\d+)\t/m.exec(filled.text)?.[1]);
      expect(written).toBeGreaterThan(bound / 2);
      expect(written).toBeLessThanOrEqual(bound);
    }
    const shared = await sh(id, "dd if=/dev/zero of=/dev/shm/big bs=1M count=100; du -m /dev/shm/big");
    expect(Number(/^(\d+)\t/m.exec(shared.text)?.[1])).toBeLessThanOrEqual(8);
    const folders =
      'find / -path /proc -prune -o -type d -print | while read -r d; do [ -w "$d" ] && touch "$d/x" && rm "$d/x" && echo "$d"; done 2>/dev/null; true';
    const writable = (await sh(id, folders)).text.trim().split("\n").sort();
    expect(writable).toStrictEqual(["/data", "/dev/mqueue", "/dev/shm", "/tmp"]);
    // So that many empty files do not fill what the host remembers of them either.
    const many = await sh(id, "i=0; while [ $i -lt 9000 ]; do true >/data/$i || break; i=$((i+1)); done; echo made $i");
    expect(Number(/made (\d+)/.exec(many.text)?.[1])).toBeLessThan(8192);
  });

  it("a fork bomb ends at the bound of processes, and leaves the node to its owner", async () => {
    const id = await started("forks", { pidsMax: 24 });
    // Bash would try each time again, for seconds.
    const bomb = await sh(id, "busybox sh -c 'for i in $(seq 100); do sleep 30 & done; true'");
    expect(bomb.text).toMatch(/can't fork|Resource temporarily unavailable/);
    expect((await engine.stats(id)).pids).toBeLessThanOrEqual(24);
    await engine.kill(id);
    expect((await engine.inspect(id))?.state).toBe("exited");
  });

  it("who takes more memory than there is ends, and it is told", async () => {
    const id = await started("memory", { command: ["tail", "/dev/zero"], memoryMegabytes: 16 });
    expect(await ended(id)).toMatchObject({ exitCode: 137, isOutOfMemory: true });
  });

  it("a flood of output is kept to 2 MB", async () => {
    const id = await started("flood", {
      command: ["sh", "-c", "yes 0123456789012345678901234567890123456789 | head -c 20000000"],
    });
    expect(await ended(id)).toMatchObject({ exitCode: 0 });
    const { LogPath } = await docker.getContainer(id).inspect();
    const sizes = await Promise.all([LogPath, `${LogPath}.1`].map(async (path) => (await stat(path)).size));
    for (const size of sizes) expect(size).toBeLessThanOrEqual(1.01 * bytesPerMegabyte);
    await expect(stat(`${LogPath}.2`)).rejects.toThrow("ENOENT");
  });

  it("processors are shared out", async () => {
    const id = await started("busy", { command: ["sh", "-c", "while :; do :; done"], cpus: 0.2 });
    await sh(id, "sleep 1");
    const { cpuPercent } = await engine.stats(id);
    expect(cpuPercent).toBeGreaterThan(2);
    expect(cpuPercent).toBeLessThan(30);
  });

  it("without a network there is none", async () => {
    const id = await started("alone");
    expect((await sh(id, "ls /sys/class/net")).text.trim()).toBe("lo");
  });

  it("no name but those of its neighbours is found, and no packet asks for others", async () => {
    const link = await tenant.aNetwork("names");
    const attachmentOf = (host: number, alias: string) => ({
      attachments: [{ networkId: link.id, ipAddress: link.address(host), aliases: [alias] }],
    });
    const asker = await started("asker", attachmentOf(2, "asker"));
    await started("known", attachmentOf(3, "known"));
    const host = await listenForNames();
    try {
      const sent = "cat /sys/class/net/eth0/statistics/tx_packets";
      const before = await sh(asker, sent);
      const known = await sh(asker, "nslookup known; cat /etc/resolv.conf");
      expect(known.text).toContain(link.address(3));
      expect(known.text).toMatch(/^nameserver 127\.0\.0\.11$/m);
      expect(known.text).not.toMatch(/^search/m);
      const names = ["example.com", "example.com.", "localdomain", "16.129.63.168.in-addr.arpa"];
      const answers = await Promise.all(names.map((name) => sh(asker, `nslookup -type=a ${name}`)));
      for (const { text } of answers) expect(text).not.toMatch(/^Address: (?!127\.0\.0\.11)/m);
      expect((await sh(asker, sent)).text).toBe(before.text);
      expect(host.heard()).toBe("");
    } finally {
      host.stop();
    }
  });
});
