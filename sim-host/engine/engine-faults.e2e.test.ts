import type { ChildProcess } from "node:child_process";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitUntil } from "../../local/process/wait-until.ts";
import { ensureToolboxAt } from "../../local/docker/toolbox-image.ts";
import { testEngine } from "../../tests/support/docker-engine.ts";
import { testTenant } from "../../tests/support/docker.ts";
import type { DockerEngine } from "./docker-engine.ts";
import { dockerEngine } from "./docker-engine.ts";

const startMilliseconds = 60_000;

// Where there is an engine for tests, there is also what one is started with.
const real = await testEngine();

describe.skipIf(real === undefined)("an engine that hangs or dies", () => {
  const folder = mkdtempSync(join(tmpdir(), "kombify-dockerd-"));
  const socketPath = join(folder, "docker.sock");
  let process: ChildProcess;
  let engine: DockerEngine;
  let tenant: ReturnType<typeof testTenant>;

  const isUp = () =>
    engine.ping().then(
      () => true,
      () => false,
    );
  /** An engine of the test's own, which needs no network of the host. */
  const launch = async (...more: readonly string[]): Promise<void> => {
    // What is left of it when it was killed: another process may bear the number by now, and be waited for.
    rmSync(join(folder, "exec", "containerd", "containerd.pid"), { force: true });
    const folders = ["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec")];
    const place = ["-H", `unix://${socketPath}`, "--pidfile", join(folder, "docker.pid")];
    const options = ["--iptables=false", "--ip6tables=false", "--bridge=none", ...more];
    process = spawn("dockerd", [...folders, ...place, ...options], { stdio: "ignore" });
    expect(await waitUntil(isUp, startMilliseconds, 100)).toBe(true);
  };
  const end = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => {
    process.kill(signal);
    await once(process, "exit");
  };

  beforeAll(async () => {
    engine = dockerEngine({ socketPath });
    await launch();
    tenant = testTenant(engine, (await ensureToolboxAt(socketPath)).imageId);
  });
  afterAll(async () => {
    process.kill("SIGCONT");
    await tenant.cleanUp();
    await end("SIGTERM");
    // The engine mounts its data on itself, and does not undo it when it is killed.
    const mounted = readFileSync("/proc/self/mounts", "utf8")
      .split("\n")
      .map((line) => line.split(" ")[1] ?? "");
    for (const place of mounted.filter((one) => one.startsWith(folder)).reverse()) execFileSync("umount", [place]);
    rmSync(folder, { recursive: true, force: true });
  });

  it("is told from one that works within seconds, and is spoken with again when it goes on", async () => {
    const id = await engine.createContainer(tenant.aContainer("web"));
    process.kill("SIGSTOP");
    const began = performance.now();
    await expect(engine.ping()).rejects.toMatchObject({
      code: "unavailable",
      message: "The engine did not answer in time to say what it is.",
    });
    expect(performance.now() - began).toBeLessThan(8000);
    // What was asked meanwhile is done late, or not at all: the caller cannot know.
    const late = engine.start(id).catch((error: unknown) => error);
    process.kill("SIGCONT");
    await late;
    await engine.start(id);
    expect(await engine.inspect(id)).toMatchObject({ state: "running" });
  });

  it("ends what flows when it is killed, and has everything again when it is started anew", async () => {
    const id = await engine.createContainer(
      tenant.aContainer("db", { command: ["sh", "-c", "echo up; sleep infinity"] }),
    );
    await engine.start(id);
    const signal = new AbortController().signal;
    const lines: string[] = [];
    const reading = (async () => {
      for await (const { line } of engine.logs(id, { follow: true, tailLines: 10, signal })) lines.push(line);
    })();
    const watching = (async () => {
      for await (const _event of engine.watch(signal));
    })();
    const terminal = await engine.terminal(id, ["sh"], { columns: 80, rows: 24 });
    const typing = (async () => {
      for await (const _chunk of terminal.output);
    })().catch((error: unknown) => error);
    expect(await waitUntil(() => lines.includes("up"), 10_000)).toBe(true);

    await end("SIGKILL");
    await reading;
    await watching;
    expect(await typing).toMatchObject({ code: "unavailable" });
    await expect(engine.ping()).rejects.toMatchObject({
      code: "unavailable",
      message: "The engine cannot be reached.",
    });
    await expect(engine.start(id)).rejects.toMatchObject({ code: "unavailable" });

    await launch();
    expect(await engine.inspect(id)).toMatchObject({ id, owner: tenant.ownerOf("db"), state: "exited" });
    await engine.start(id);
    expect(await engine.inspect(id)).toMatchObject({ state: "running" });
  });

  it("may lack an init, and makes nodes without one", async () => {
    await end("SIGTERM");
    await launch("--init-path", "/no/such/init");
    expect(await engine.facts()).toMatchObject({ hasInit: false });
    const id = await engine.createContainer(tenant.aContainer("plain"));
    await engine.start(id);
    const { output } = await engine.run(id, ["cat", "/proc/1/comm"], {
      outputBytesMax: 100,
      timeoutMilliseconds: 5000,
    });
    expect(new TextDecoder().decode(output).trim()).toBe("sleep");
  });
});
