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
  socket.on("error", () => undefined);
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
    const numbers = new Map(ownAddresses().map((address, index) => [address, 2 * index + 1]));
    // Others on this machine give addresses up at any time, and new ones of IPv6 are not to be used at once.
    const unheard = () =>
      ownAddresses().filter((address) => {
        const number = numbers.get(address) ?? 0;
        return number > 0 && !(listeners.heard().has(number) && listeners.heard().has(number + 1));
      });
    const isHeard = await waitUntil(
      () => {
        unheard().forEach((address) => {
          sayTcp(tcpPort, address, probeWords(numbers.get(address) ?? 0));
          sayUdp(udpPort, address, probeWords((numbers.get(address) ?? 0) + 1));
        });
        return unheard().length === 0;
      },
      10_000,
      200,
    );
    expect([isHeard, unheard()]).toEqual([true, []]);
    expect(listeners.heard().size).toBeGreaterThanOrEqual(2);
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
