import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { waitUntil } from "../../local/process/wait-until.ts";
import type { ControlPlane } from "../support/control-plane.ts";
import { startControlPlane } from "../support/control-plane.ts";
import { testEngine } from "../support/docker-engine.ts";
import { readEvents } from "../support/event-reader.ts";
import type { SimHostProcess } from "../support/sim-host-process.ts";
import { gatewayKey, simClient, startSimHost } from "../support/sim-host-process.ts";
import { terminalClient } from "../support/terminal-client.ts";

const engine = await testEngine();

const lab = {
  name: "talking",
  nodes: {
    web: { image: "toolbox", command: ["sh", "-c", "echo listening; exec httpd -f -p 8080 -h /data"] },
    client: { image: "toolbox", command: ["sleep", "infinity"] },
  },
  links: { cable: { nodes: ["web", "client"] } },
};

const Started = z.object({ simulation: z.object({ id: z.string() }) });
const View = z.object({ status: z.string() });
const Ran = z.object({ exitCode: z.number(), output: z.string(), isCut: z.boolean() });
const Saved = z.object({ id: z.string(), nodes: z.array(z.object({ name: z.string(), sha256: z.string() })) });

/** @throws Error with the problem, when it is one */
const answered = async (response: Response): Promise<unknown> => {
  if (response.ok) return response.json();
  throw new Error(`${response.status} ${await response.text()}`);
};

describe.skipIf(engine === undefined)("the API of a simulation host on a real engine", () => {
  let directory: string;
  let controlPlane: ControlPlane;
  let host: SimHostProcess;
  let id = "";

  const client = (tenantId = "acme") => simClient(() => host, controlPlane, tenantId);
  const call = (method: string, path: string, body?: unknown) => client().call(method, `/${id}${path}`, body);
  const exec = async (node: string, ...command: readonly string[]) =>
    Ran.parse(await answered(await call("POST", `/nodes/${node}/exec`, { command })));
  const read = async (path: string) =>
    readEvents(`${host.url}/v1/simulations/${id}${path}`, {
      authorization: `Bearer ${await controlPlane.token("acme")}`,
      "x-kombify-gateway-key": gatewayKey,
    });

  beforeAll(async () => {
    if (engine === undefined) return;
    directory = await mkdtemp(join(tmpdir(), "ksim-"));
    controlPlane = await startControlPlane();
    const { socketPath, toolbox } = engine;
    host = await startSimHost({ directory, socketPath, toolbox, controlPlane });
    await waitUntil(async () => (await fetch(`${host.url}/ready`)).status === 200, 60_000);
    const made = await client().call("POST", "?start=true", lab);
    ({ id } = Started.parse(await made.json()).simulation);
    await waitUntil(async () => View.parse(await (await call("GET", "")).json()).status === "running", 60_000);
  });
  afterAll(async () => {
    if (engine === undefined) return;
    await call("DELETE", "");
    await waitUntil(async () => (await call("GET", "")).status === 404, 60_000);
    await host.stop();
    await controlPlane.close();
    await rm(directory, { recursive: true, force: true });
  });

  it("runs commands in nodes, as nobody of importance and within bounds", async () => {
    expect(await exec("client", "id", "-u")).toEqual({ exitCode: 0, output: "65534\n", isCut: false });
    expect(await exec("client", "sh", "-c", "exit 7")).toMatchObject({ exitCode: 7 });
    expect(await exec("client", "yes")).toMatchObject({ isCut: true });
    expect(await exec("client", "no-such-program")).toMatchObject({ exitCode: 126, isCut: false });
  });

  it("streams what a node prints, what it uses, and what happens", async () => {
    const logs = await read("/nodes/web/logs?follow=true");
    expect(await logs.next()).toMatchObject({ event: "log", data: { stream: "stdout", line: "listening" } });
    logs.leave();
    const stats = await read("/nodes/web/stats");
    const first = await stats.next();
    expect(first).toMatchObject({ event: "stats" });
    expect(z.object({ pids: z.number() }).parse(first?.data).pids).toBeGreaterThan(0);
    stats.leave();
    const events = await read("/events");
    expect(await events.next()).toMatchObject({ id: 1 });
    events.leave();
  });

  it("opens a terminal in a node that a person can type into", async () => {
    const given = await call("POST", "/nodes/client/terminal", { columns: 100, rows: 30 });
    const { ticket, path } = z.object({ ticket: z.string(), path: z.string() }).parse(await given.json());
    const url = `${host.url.replace("http", "ws")}${path}`;
    const headers = { "x-kombify-gateway-key": gatewayKey };
    const terminal = terminalClient(url, ["kombify.terminal.v1", `ticket.${ticket}`], { headers });
    await terminal.opened;
    terminal.keys("stty size; exit\n");
    expect(await terminal.closed).toBe("1000 ended");
    expect(await terminal.received(1)).toContain("30 100");
  });

  it("captures what passes a node's port while it passes", async () => {
    const answer = await call("POST", "/links/cable/captures", { node: "web", seconds: 5 });
    const reading = answer.arrayBuffer();
    await exec("client", "wget", "-q", "-O", "-", "http://web:8080/");
    const file = Buffer.from(await reading);
    expect([0xa1b2c3d4, 0xa1b23c4d]).toContain(file.readUInt32LE(0));
    expect(file.toString("latin1")).toContain("GET / HTTP/1.1");
  });

  it("saves the files of nodes and puts them back, whoever's they are", async () => {
    await exec("web", "sh", "-c", "mkdir -p /data/deep; echo kept > /data/deep/page; ln -s /etc/passwd /data/link");
    const saved = Saved.parse(await (await call("POST", "/saves")).json());
    expect(saved.nodes.map(({ name }) => name)).toEqual(["web", "client"]);
    await exec("web", "sh", "-c", "rm -r /data/deep; echo later > /data/later");
    const restored = await call("POST", `/saves/${saved.id}/restore`);
    expect(await restored.json()).toEqual({ restored: ["web", "client"] });
    expect(await exec("web", "cat", "/data/deep/page", "/data/later")).toMatchObject({ output: "kept\nlater\n" });
    const archive = Buffer.from(await (await call("GET", `/saves/${saved.id}`)).arrayBuffer());
    const names = execFileSync("tar", ["-t"], { input: archive, encoding: "utf8" }).trim().split("\n");
    expect(names).toEqual(["save.json", "web/data.tar", "client/data.tar"]);
    const web = execFileSync("tar", ["-xO", "web/data.tar"], { input: archive });
    expect(execFileSync("tar", ["-xO", "./deep/page"], { input: web, encoding: "utf8" })).toBe("kept\n");
    const foreign = await client("globex").call("GET", `/${id}/saves/${saved.id}`);
    expect(foreign.status).toBe(404);
    expect(await readdir(join(directory, "data", "saves"))).toEqual([saved.id]);
    expect((await call("DELETE", `/saves/${saved.id}`)).status).toBe(204);
    expect(await readdir(join(directory, "data", "saves"))).toEqual([]);
  });

  it("is watched by who runs it, and says nothing of tenants", async () => {
    const text = await (await fetch(`${host.url}/metrics`)).text();
    expect(text).toContain('kombify_sim_simulations{status="running"} 1');
    expect(text).toContain('kombify_sim_nodes{state="running"} 2');
    expect(text).toContain("kombify_sim_walls_up 1");
    expect(text).toMatch(/kombify_sim_docker_call_seconds_count\{call="createContainer",outcome="ok"\} \d+/);
    expect(text).toContain('kombify_sim_operation_seconds_count{kind="create",status="succeeded"} 1');
    expect(text).not.toMatch(/acme|sim-[a-z2-7]{20}/);
  });
});
