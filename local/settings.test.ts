import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { claimPort } from "./process/claim-port.ts";
import { freePort } from "./process/free-port.ts";
import { PortTakenError } from "./process/port-taken.ts";
import type { Ports } from "./settings.ts";
import { withFreePorts } from "./settings.ts";

let directory: string;
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), "kombify-settings-"))));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const listen = async (port: number) => {
  const server = createServer().listen({ port, host: "127.0.0.1" });
  await once(server, "listening");
  return server;
};

test("a port that somebody takes after it was chosen is replaced, and the others stay", async () => {
  const seen: Ports[] = [];
  const strangers: Awaited<ReturnType<typeof listen>>[] = [];
  const start = async (ports: Ports): Promise<Ports> => {
    seen.push(ports);
    if (strangers.length === 0) {
      strangers.push(await listen(ports.blob));
      throw new Error("The port is taken.");
    }
    return ports;
  };
  const { started, letGo } = await withFreePorts(directory, start);
  await letGo();
  const { blob, ...others } = started;
  strangers.forEach((server) => server.close());
  expect(seen).toHaveLength(2);
  const { blob: takenBlob, ...othersBefore } = seen[0] ?? { blob: 0 };
  expect(blob).not.toBe(takenBlob);
  expect(others).toEqual(othersBefore);
});

test("a port that was taken for a moment only is tried again, at last without the usual ports", async () => {
  const usual = { gateway: await freePort() } as Ports;
  const seen: Ports[] = [];
  const start = (ports: Ports): Promise<never> => {
    seen.push(ports);
    return Promise.reject(new PortTakenError("The gateway ended."));
  };
  const own = mkdtempSync(join(directory, "own-"));
  await expect(withFreePorts(own, start, usual)).rejects.toThrow("The gateway ended.");
  expect(seen.map(({ gateway }) => gateway === usual.gateway)).toEqual([true, true, false]);
});

test("a start that fails for another reason is not repeated", async () => {
  let starts = 0;
  const start = (): Promise<never> => {
    starts += 1;
    return Promise.reject(new Error("The configuration is wrong."));
  };
  await expect(withFreePorts(directory, start)).rejects.toThrow("The configuration is wrong.");
  expect(starts).toBe(1);
});

test("a port held at either address of localhost is left alone, and the platform comes back once it is free", async () => {
  const usual: Ports = {
    ...{ gateway: await freePort(), functions: await freePort(), identityProvider: await freePort() },
    ...{ stripe: await freePort(), resourceManager: await freePort(), blob: await freePort(), queue: await freePort() },
    simHost: await freePort(),
  };
  const choose = async () => {
    const { started, letGo } = await withFreePorts(directory, (ports) => Promise.resolve(ports), usual);
    await letGo();
    return started;
  };
  expect(await choose()).toEqual(usual);
  for (const host of ["::1", "127.0.0.1"]) {
    const stranger = createServer().listen({ port: usual.gateway, host, ipv6Only: true });
    await once(stranger, "listening");
    const { gateway, ...others } = await choose();
    stranger.close();
    await once(stranger, "close");
    expect(gateway).not.toBe(usual.gateway);
    expect({ ...others, gateway: usual.gateway }).toEqual(usual);
    expect(await choose()).toEqual(usual);
  }
});

test("a port of another platform is left alone while nobody listens on it, and is to be had once that one has ended", async () => {
  const usual = { gateway: await freePort() } as Ports;
  const choose = (own: string) =>
    withFreePorts(mkdtempSync(join(directory, own)), ({ gateway }) => Promise.resolve(gateway), usual);
  const one = await choose("one-");
  const two = await choose("two-");
  expect([one.started === usual.gateway, two.started === usual.gateway]).toEqual([true, false]);
  await one.letGo();
  const three = await choose("three-");
  expect(three.started).toBe(usual.gateway);
  await Promise.all([two, three].map(({ letGo }) => letGo()));
});

test("a claim ends with its process, also when that is killed", async () => {
  const port = await freePort();
  const program =
    'const { claimPort } = await import(process.argv[1]); await claimPort(Number(process.argv[2])); console.log("claimed"); setInterval(() => {}, 1000);';
  const module = new URL("process/claim-port.ts", import.meta.url).href;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program, module, String(port)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  expect(await claimPort(port)).toBeUndefined();
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
  const letGo = await claimPort(port);
  expect(letGo).toBeDefined();
  await letGo?.();
});
