import { randomInt } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitUntil } from "../../local/process/wait-until.ts";
import type { ControlPlane } from "../../tests/support/control-plane.ts";
import { startControlPlane } from "../../tests/support/control-plane.ts";
import { testEngine } from "../../tests/support/docker-engine.ts";
import type { SimHostProcess } from "../../tests/support/sim-host-process.ts";
import { simClient, startSimHost } from "../../tests/support/sim-host-process.ts";
import type { Run, RunSummary } from "./run.ts";

const engine = await testEngine();

const probe = (from: string, to: string, port: number, more = {}) => ({ from, to, port, ...more });
const lab = {
  name: "Three-tier lab",
  seed: 42,
  nodes: {
    web: { image: "toolbox", command: ["httpd", "-f", "-p", "8080", "-h", "/www"] },
    db: { image: "toolbox", command: ["nc", "-ll", "-p", "5432", "-e", "cat"] },
    client: { image: "toolbox", command: ["sleep", "infinity"] },
  },
  links: {
    front: { nodes: ["client", "web"], delay: "5ms", loss: "2%" },
    back: { nodes: ["web", "db"] },
  },
};
const timeline = [
  { at: "3s", link: "front", from: "client", to: "web", impair: { loss: "100%" }, for: "3s" },
  { at: "7s", node: "db", action: "kill" },
  { at: "9s", node: "db", action: "start" },
  { at: "12s", link: "back", state: "down", for: "3s" },
];
const page = { http: probe("client", "web", 8080, { path: "/index.html" }) };
const missing = { http: probe("client", "web", 8080, { path: "/none" }) };
const database = { tcp: probe("web", "db", 5432) };
const assertions = [
  { name: "the page is there", ...page, expect: "eventually", from: "0s", until: "3s" },
  { name: "no page without frames", ...page, expect: "never", from: "3s", until: "6s" },
  { name: "the page is back", ...page, expect: "eventually", from: "6s", until: "12s" },
  { name: "the database answers", ...database, expect: "always", from: "0s", until: "7s" },
  { name: "a killed database does not", ...database, expect: "never", from: "7s", until: "9s" },
  { name: "one that was started does", ...database, expect: "eventually", from: "9s", until: "12s" },
  { name: "and not without a cable", ...database, expect: "never", from: "12s", until: "15s" },
  { name: "nor from another link", tcp: probe("client", "db", 5432), expect: "never", from: "0s", until: "15s" },
  { name: "what is wrong is said", ...missing, expect: "always", until: "2s" },
];

interface Seen {
  readonly status: string;
  readonly links: readonly {
    readonly isDown: boolean;
    readonly directions: readonly { readonly impairment: object }[];
  }[];
  readonly nodes: readonly {
    readonly name: string;
    readonly state: string;
    readonly addresses: Readonly<Record<string, string>>;
  }[];
  readonly runs: { readonly last?: RunSummary };
}

describe.skipIf(engine === undefined)("runs on a real engine", () => {
  // Addresses of its own: tests of other hosts use the same engine.
  const subnets = `10.${randomInt(130, 250)}.0.0/16`;
  let directory: string;
  let controlPlane: ControlPlane;
  let host: SimHostProcess;
  let id: string;

  const start = async (): Promise<void> => {
    if (engine === undefined) throw new Error("no engine");
    const { socketPath, toolbox } = engine;
    const settings = { SIM_SUBNETS: subnets, SIM_ON_SHUTDOWN: "remove" };
    host = await startSimHost({ directory, socketPath, toolbox, controlPlane, settings });
  };
  const call = (method: string, path: string, body?: unknown): Promise<Response> =>
    simClient(() => host, controlPlane, "acme").call(method, path, body);
  const get = async <T>(path: string): Promise<T> => (await (await call("GET", path)).json()) as T;
  const simulation = (): Promise<Seen> => get<Seen>(`/${id}`);
  const create = async (topology: object): Promise<void> => {
    const made = await call("POST", "?start=true", topology);
    id = ((await made.json()) as { simulation: { id: string } }).simulation.id;
    const isUp = await waitUntil(async () => (await simulation()).status === "running", 60_000);
    expect(isUp, host.log()).toBe(true);
  };
  const startRun = async (): Promise<string> => {
    const answer = await call("POST", `/${id}/runs`);
    expect(answer.status).toBe(202);
    return ((await answer.json()) as Run).id;
  };
  const untilRun = async (run: string, isThere: (run: Run) => boolean): Promise<Run> => {
    await waitUntil(async () => isThere(await get<Run>(`/${id}/runs/${run}`)), 60_000);
    return get<Run>(`/${id}/runs/${run}`);
  };
  /** Programs that the host has started. */
  const helpers = async (): Promise<readonly number[]> => {
    const own = `PPid:\t${host.child.pid ?? 0}\n`;
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const statuses = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/status`, "utf8").catch(() => "")));
    return pids.filter((_, index) => statuses[index]?.includes(own)).map(Number);
  };
  const remove = async (): Promise<void> => {
    await call("DELETE", `/${id}`);
    expect(await waitUntil(async () => (await call("GET", `/${id}`)).status === 404, 60_000)).toBe(true);
  };

  beforeAll(async () => {
    if (engine === undefined) return;
    directory = await mkdtemp(join(tmpdir(), "krun-"));
    controlPlane = await startControlPlane();
    await start();
  });
  afterAll(async () => {
    if (engine === undefined) return;
    await host.stop();
    await controlPlane.close();
    await rm(directory, { recursive: true, force: true });
  });

  it("play what the timeline says, see what there is to see, and report it", async () => {
    await create({ ...lab, timeline, assertions });
    const runId = await startRun();
    const run = await untilRun(runId, ({ status }) => status !== "running");
    const verdicts = run.assertions.map(({ name, verdict, reason }) => [name, verdict, reason]);
    expect(verdicts, host.log()).toEqual([
      ["the page is there", "passed", expect.stringMatching(/^Reached at [012][.\d]* s \(status 200\)\.$/)],
      ["no page without frames", "passed", "Not reached by 3 probes, as expected."],
      ["the page is back", "passed", expect.stringMatching(/^Reached at /)],
      ["the database answers", "passed", "Reached by 7 probes, as expected."],
      ["a killed database does not", "passed", "Not reached by 2 probes, as expected."],
      ["one that was started does", "passed", expect.stringMatching(/^Reached at (9|1[01])/)],
      ["and not without a cable", "passed", "Not reached by 3 probes, as expected."],
      ["nor from another link", "passed", "Not reached by 15 probes, as expected."],
      ["what is wrong is said", "failed", expect.stringContaining("(status 404 instead of 200)")],
    ]);
    const reason = "Not as expected: what is wrong is said.";
    expect(run).toMatchObject({ status: "failed", reason, durationSeconds: 15 });
    expect(run.faults.map(({ what, outcome }) => [what, outcome])).toEqual([
      ["front: 100 % lost from client to web", "done"],
      ["front: 100 % lost from client to web", "done"],
      ["db: kill", "done"],
      ["db: start", "done"],
      ["back: down", "done"],
      ["back: down", "done"],
    ]);
    for (const { plannedAtSeconds, happenedAtSeconds } of run.faults) {
      expect(happenedAtSeconds).toBeGreaterThanOrEqual(plannedAtSeconds);
      expect(happenedAtSeconds).toBeLessThan(plannedAtSeconds + 2);
    }
    const front = run.counters.find(({ link, from, to }) => [link, from, to].join() === "front,client,web");
    expect(front?.frames).toBeGreaterThan(20);
    expect(front?.lost).toBeGreaterThanOrEqual(3);
    const after = await simulation();
    expect(after.nodes.map(({ state }) => state)).toEqual(["running", "running", "running"]);
    const loss = { delayMilliseconds: 5, lossPercent: 2 };
    const states = after.links.map(({ isDown, directions }) => [
      isDown,
      directions.map(({ impairment }) => impairment),
    ]);
    expect(states).toEqual([
      [false, [loss, loss]],
      [false, []],
    ]);
    expect(after.runs.last).toMatchObject({ id: runId, status: "failed" });
  });

  it("keep what passed the links of the timeline, and a page to read", async () => {
    const { runs } = await get<{ runs: readonly RunSummary[] }>(`/${id}/runs`);
    const run = await get<Run>(`/${id}/runs/${runs[0]?.id ?? ""}`);
    expect(run.captures.map(({ name, isCut, reason }) => [name, isCut, reason])).toEqual([
      ["front-client.pcap", false, undefined],
      ["back-web.pcap", false, undefined],
    ]);
    for (const { name, bytes } of run.captures) {
      const file = Buffer.from(await (await call("GET", `/${id}/runs/${run.id}/captures/${name}`)).arrayBuffer());
      expect([name, file.length, file.readUInt32LE(0).toString(16)]).toEqual([name, bytes, "a1b2c3d4"]);
      expect(bytes).toBeGreaterThan(500);
    }
    const report = await call("GET", `/${id}/runs/${run.id}/report`);
    expect(report.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await report.text()).toContain("<h1>Three-tier lab</h1>");
    // The relay of the links; probers and captures have ended.
    expect(await helpers()).toHaveLength(1);
  });

  it("are removed with their simulation, files too", async () => {
    const captures = join(directory, "data", "captures");
    expect(await readdir(captures)).toHaveLength(1);
    await remove();
    await host.stop();
    await start();
    expect(await readdir(captures)).toEqual([]);
  });

  it("are interrupted when the host is killed: nothing of them goes on, and everything is as before", async () => {
    const always = { at: "0s", link: "front", impair: { loss: "100%" }, for: "90s" };
    const killed = { at: "0s", node: "db", action: "kill" };
    const never = { name: "no page without frames", ...page, expect: "never", from: "0s", until: "90s" };
    await create({ ...lab, timeline: [always, killed], assertions: [never] });
    const runId = await startRun();
    const isUnderWay = ({ faults, assertions: [first] }: Run): boolean =>
      faults.filter(({ outcome }) => outcome === "done").length === 2 && (first?.probes.length ?? 0) > 1;
    const before = await untilRun(runId, isUnderWay);
    expect(before.assertions[0]?.probes.map(({ isReached }) => isReached)).not.toContain(true);
    const started = await helpers();
    // The relay of the links, a prober and a capture.
    expect(started.length).toBeGreaterThanOrEqual(3);
    await host.kill();
    const words = (pid: number): Promise<string> => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    const alive = async () => (await Promise.all(started.map(words))).filter((command) => command !== "");
    // A capture finds nobody to write to when the next frame passes.
    const isOver = async (): Promise<boolean> => (await alive()).every((command) => command.includes("tcpdump"));
    expect(await waitUntil(isOver, 10_000)).toBe(true);
    await start();
    const run = await get<Run>(`/${id}/runs/${runId}`);
    expect(run).toMatchObject({ status: "interrupted", reason: "The host was restarted." });
    expect(run.captures[0]?.bytes).toBeGreaterThanOrEqual(24);
    const areUp = async (): Promise<boolean> => (await simulation()).nodes.every(({ state }) => state === "running");
    expect(await waitUntil(areUp, 30_000)).toBe(true);
    const seen = await simulation();
    expect(seen.links[0]?.directions[0]?.impairment).toEqual({ delayMilliseconds: 5, lossPercent: 2 });
    const web = seen.nodes.find(({ name }) => name === "web")?.addresses["front"] ?? "";
    const command = ["timeout", "5", "wget", "-q", "-O", "/dev/null", `http://${web}:8080/index.html`];
    const fetched = await call("POST", `/${id}/nodes/client/exec`, { command });
    expect(await fetched.json()).toMatchObject({ exitCode: 0 });
    expect(await waitUntil(async () => (await alive()).length === 0, 10_000)).toBe(true);
    await remove();
  });
});
