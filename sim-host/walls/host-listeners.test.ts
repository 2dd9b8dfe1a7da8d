import { createSocket } from "node:dgram";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, describe, expect, test } from "vitest";
import { waitUntil } from "../../local/process/wait-until.ts";
import { openHostListeners } from "./host-listeners.ts";
import type { HostListeners } from "./ports.ts";
import { probeWords, readProbeWords } from "./probe-words.ts";

const opened: HostListeners[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((listeners) => listeners.close()));
});

const open = async (): Promise<HostListeners> => {
  const listeners = await openHostListeners();
  opened.push(listeners);
  return listeners;
};

const sayTcp = (port: number, address: string, words: string): void => {
  const socket = connect(port, address, () => socket.end(words));
  socket.on("error", () => undefined);
};

const sayUdp = (port: number, address: string, words: string): void => {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  socket.send(words, port, address, () => socket.close());
};

const ownAddresses = (): readonly string[] =>
  Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).map(({ address, scopeid }) => (scopeid ? `${address}%${name}` : address)),
  );

describe("listeners of the host", () => {
  test("hear what is said to any address of the host, by TCP and by UDP", async () => {
    const listeners = await open();
    const { tcpPort, udpPort } = listeners;
    const addresses = ownAddresses();
    addresses.forEach((address, index) => {
      sayTcp(tcpPort, address, probeWords(2 * index + 1));
      sayUdp(udpPort, address, probeWords(2 * index + 2));
    });
    const all = addresses.flatMap((_, index) => [2 * index + 1, 2 * index + 2]);
    expect(await waitUntil(() => listeners.heard().size === all.length, 5000)).toBe(true);
    expect([...listeners.heard()].toSorted((one, other) => one - other)).toEqual(all);
  });

  test("start with nothing heard, their own words left out", async () => {
    expect([...(await open()).heard()]).toEqual([]);
  });

  test("do not take other words for a probe's", async () => {
    const listeners = await open();
    const { tcpPort } = listeners;
    sayTcp(tcpPort, "127.0.0.1", "GET / HTTP/1.0\r\n\r\n");
    sayTcp(tcpPort, "127.0.0.1", `GET /${probeWords(7)}\r\n\r\n`);
    expect(await waitUntil(() => listeners.heard().size > 0, 5000)).toBe(true);
    expect([...listeners.heard()]).toEqual([7]);
  });

  test("are gone when they are closed, also with somebody who says nothing", async () => {
    const listeners = await open();
    const { tcpPort } = listeners;
    const socket = connect(tcpPort, "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    await listeners.close();
    socket.destroy();
    const code = await new Promise((resolve) => connect(tcpPort, "127.0.0.1").once("error", resolve));
    expect(code).toMatchObject({ code: "ECONNREFUSED" });
  });
});

test("a probe's number is found in its words as they come in a DNS question", () => {
  expect(readProbeWords(Buffer.from(`\u0000\u0001\u000c${probeWords(123)}\u0000\u0000\u0001`))).toBe(123);
  expect(readProbeWords(Buffer.from("probe--end"))).toBeUndefined();
});
