import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { createServer } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Probe } from "../topology/topology.ts";
import { netnsProbers } from "./netns-prober.ts";
import { startProbeChild } from "./probe-child.ts";

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const ip = (...args: readonly string[]): void => void execFileSync("ip", [...args]);
const tcp = (port: number): Probe => ({ kind: "tcp", from: "client", to: "web", port });
const http = (port: number, path = "/"): Probe => ({ ...tcp(port), kind: "http", path, status: 200 });

/** A namespace of its own whose only way is a cable to an address of this machine. */
describe("probing from inside a network namespace", () => {
  const name = randomBytes(6).toString("hex");
  const [here, there] = [`pr${name.slice(0, 8)}a`, `pr${name.slice(0, 8)}b`];
  const sandboxKey = `/run/netns/${name}`;
  const address = "10.213.77.1";
  const servers: Server[] = [];
  const open = netnsProbers({ childrenMax: 2, startChild: startProbeChild, log: silent });
  const probers: ReturnType<typeof open>[] = [];

  const listen = async (server: Server): Promise<number> => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    return (server.address() as AddressInfo).port;
  };
  const probe = (what: Probe, addresses: readonly string[] = [address], timeoutMilliseconds = 5_000) => {
    const prober = probers[0] ?? open();
    probers[0] = prober;
    return prober.probe({ sandboxKey }, { addresses, probe: what }, timeoutMilliseconds);
  };
  const children = (): readonly number[] =>
    execFileSync("ip", ["netns", "pids", name], { encoding: "utf8" }).split("\n").filter(Boolean).map(Number);

  beforeAll(() => {
    ip("netns", "add", name);
    ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", name);
    ip("addr", "add", `${address}/30`, "dev", here);
    ip("link", "set", here, "up");
    ip("-n", name, "addr", "add", "10.213.77.2/30", "dev", there);
    ip("-n", name, "link", "set", there, "up");
  });
  afterEach(async () => {
    await Promise.all(probers.splice(0).map((prober) => prober.close()));
    for (const server of servers.splice(0)) server.close();
  });
  afterAll(() => {
    ip("netns", "del", name);
  });

  it("reaches what listens, and says how it failed otherwise", async () => {
    const port = await listen(createServer((socket) => socket.end()));
    expect(await probe(tcp(port))).toMatchObject({ isReached: true, detail: "connected" });
    expect(await probe(tcp(1))).toMatchObject({ isReached: false, detail: "refused" });
    expect(await probe(tcp(port), ["10.9.9.9"])).toMatchObject({ isReached: false, detail: "no way there" });
    expect(await probe(tcp(port), ["10.9.9.9", address])).toMatchObject({ isReached: true });
  });

  it("gets a page, and tells statuses apart", async () => {
    const asked: string[] = [];
    const port = await listen(
      createHttpServer(({ url = "", headers }, response) => {
        asked.push(`${headers.host ?? ""}${url}`);
        response.writeHead(url === "/" ? 200 : 404).end("x".repeat(1_000_000));
      }),
    );
    expect(await probe(http(port))).toMatchObject({ isReached: true, detail: "status 200" });
    expect(await probe(http(port, "/none"))).toMatchObject({ isReached: false, detail: "status 404 instead of 200" });
    expect(asked).toEqual([`web:${port}/`, `web:${port}/none`]);
  });

  it("believes nothing and waits for nobody", async () => {
    const silentPort = await listen(createServer());
    const oddPort = await listen(createServer((socket) => socket.end("SSH-2.0-OpenSSH\r\n")));
    const endlessPort = await listen(
      createServer((socket) => {
        socket.on("error", () => undefined);
        socket.write(`HTTP/1.1 200 OK\r\nx: ${"x".repeat(100_000)}`);
      }),
    );
    // To start its program takes longer than the time below, on a busy machine.
    await probe(tcp(1));
    const late = await probe(http(silentPort), [address], 300);
    expect(late).toMatchObject({ isReached: false, detail: "no answer" });
    expect(late.milliseconds + late.waitedMilliseconds).toBeGreaterThan(250);
    expect(late.milliseconds).toBeLessThan(1_500);
    expect(await probe(http(oddPort))).toMatchObject({ isReached: false, detail: "not an answer of HTTP" });
    expect(await probe(http(endlessPort))).toMatchObject({ detail: "an answer with too long a head" });
  });

  it("runs as nobody, without a right and without a way to get one, and ends with the prober", async () => {
    await probe(tcp(1));
    const [pid = 0] = children();
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    expect(status).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
    expect(status).toMatch(/^Gid:\t65534\t65534\t65534\t65534$/m);
    expect(status).toMatch(/^Groups:\s*$/m);
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapAmb"]) expect(status).toContain(`${set}:\t0000000000000000`);
    expect(status).toContain("NoNewPrivs:\t1");
    expect(
      readFileSync(`/proc/${pid}/environ`, "utf8")
        .split("\0")
        .map((entry) => entry.split("=")[0]),
    ).toEqual(expect.not.arrayContaining(["HOME", "NODE_OPTIONS"]));
    await probers.splice(0)[0]?.close();
    expect(children()).toEqual([]);
  });

  it("starts a program anew when it was ended", async () => {
    await probe(tcp(1));
    const [pid = 0] = children();
    const prober = probers[0];
    const dying = probe(http(await listen(createServer())), [address], 5_000);
    process.kill(pid, "SIGKILL");
    await expect(dying).rejects.toThrow("the prober has ended");
    expect(await probe(tcp(1))).toMatchObject({ detail: "refused" });
    expect(prober).toBe(probers[0]);
  });

  it("makes many probes at the same time with few programs", async () => {
    const port = await listen(createServer((socket) => socket.on("error", () => undefined)));
    const others = [open(), open(), open()];
    const all = [...others, ...others, ...others].map((prober) =>
      prober.probe({ sandboxKey }, { addresses: [address], probe: tcp(port) }, 5_000),
    );
    expect((await Promise.all(all)).every(({ isReached }) => isReached)).toBe(true);
    expect(children().length).toBeLessThanOrEqual(2);
    await Promise.all(others.map((prober) => prober.close()));
    expect(children()).toEqual([]);
  });

  it("hands the place of a run that never rests to another one, and counts how long that had to wait", async () => {
    const port = await listen(createServer((socket) => socket.end()));
    const silentPort = await listen(createServer());
    const openOne = netnsProbers({ childrenMax: 1, startChild: startProbeChild, log: silent });
    const [greedy, other] = [openOne(), openOne()];
    await greedy.prepare({ sandboxKey });
    const hang = () => greedy.probe({ sandboxKey }, { addresses: [address], probe: http(silentPort) }, 500);
    const first = hang();
    const reached = other.probe({ sandboxKey }, { addresses: [address], probe: tcp(port) }, 10_000);
    const hopeless = other.probe({ sandboxKey }, { addresses: [address], probe: tcp(port) }, 100);
    await expect(hopeless).rejects.toThrow("too busy");
    // Asked before the first is over, and waits for a place now: whether it gets one in time is not known.
    const second = hang().catch(() => undefined);
    expect(await first).toMatchObject({ isReached: false, detail: "no answer" });
    const { isReached, waitedMilliseconds } = await reached;
    expect(isReached).toBe(true);
    expect(waitedMilliseconds).toBeGreaterThan(400);
    await second;
    expect(children().length).toBeLessThanOrEqual(1);
    await Promise.all([greedy.close(), other.close()]);
    expect(children()).toEqual([]);
  });

  it("says of what it cannot begin in time that it was not made", async () => {
    const prober = open();
    await prober.prepare({ sandboxKey });
    expect(children()).toHaveLength(1);
    const late = prober.probe({ sandboxKey }, { addresses: [address], probe: tcp(1) }, 0);
    await expect(late).rejects.toThrow("too busy");
    const { waitedMilliseconds } = await prober.probe({ sandboxKey }, { addresses: [address], probe: tcp(1) }, 5_000);
    expect(waitedMilliseconds).toBeLessThan(1_000);
    await prober.close();
  });

  it("has nothing to do with what is no namespace of the engine", async () => {
    const prober = open();
    for (const key of [
      "",
      "/proc/1/ns/net",
      "/run/netns/../netns/0123456789ab",
      "--help",
      "/run/netns/0123456789ab -x",
    ]) {
      const target = { addresses: [address], probe: tcp(1) };
      await expect(prober.probe({ sandboxKey: key }, target, 100)).rejects.toThrow("not a network namespace");
    }
    await expect(
      prober.probe({ sandboxKey: "/run/netns/ffffffffffff" }, { addresses: [address], probe: tcp(1) }, 100),
    ).rejects.toThrow("the prober has ended");
    await prober.close();
  });
});
