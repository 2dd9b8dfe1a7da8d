import { expect, test } from "vitest";
import { PortSchema } from "./port-schema.ts";

const port = {
  portId: "web-front-7",
  sandboxKey: "/run/docker/netns/0123456789ab",
  macAddress: "02:42:0A:6f:03:02",
  isDown: false,
  bySource: [{ sourceMac: "02:42:0a:6f:03:03", seed: "1|front|a|b", impairment: { delayMilliseconds: 20 } }],
};
const isValid = (change: object): boolean => PortSchema.safeParse({ ...port, ...change }).success;
const withImpairment = (impairment: object): boolean => isValid({ bySource: [{ ...port.bySource[0], impairment }] });

test("a port is what the engine and the topology say", () => {
  expect(PortSchema.parse(port).macAddress).toBe("02:42:0a:6f:03:02");
  expect(isValid({ sandboxKey: "/srv/docker.1/exec_root/netns/0123456789abcdef" })).toBe(true);
  expect(isValid({ sandboxKey: "/home/ada/kombify/.kombify/data/docker/run/exec/netns/0123456789ab" })).toBe(true);
  expect(isValid({ bySource: [] })).toBe(true);
});

test("nothing that a program could take for an option, a path elsewhere or a second word gets through", () => {
  const ids = ["", "-x", "a b", "a;b", "a\nb", "../a", "a:b", "a".repeat(41), 7, null];
  for (const portId of ids) expect(isValid({ portId })).toBe(false);
  const keys = [
    "",
    "netns/0123456789ab",
    "/proc/1/ns/net",
    "/run/docker/netns/default",
    "/run/docker/../netns/0123456789ab",
    "/run/docker/netns/../netns/0123456789ab",
    "/run/docker/netns/0123456789ab\n",
    "/run/docker/netns/0123456789ab /bin/sh",
    "/run//netns/0123456789ab",
    "/./netns/0123456789ab",
    "--net=/netns/0123456789ab",
    "/run/docker/netns/0123456789ab/0123456789ab",
  ];
  for (const sandboxKey of keys) expect([sandboxKey, isValid({ sandboxKey })]).toEqual([sandboxKey, false]);
  const addresses = [
    "",
    "02:42:0a:6f:03",
    "02:42:0a:6f:03:02:02",
    "02-42-0a-6f-03-02",
    "02:42:0a:6f:03:0g",
    " 02:42:0a:6f:03:02",
  ];
  for (const macAddress of addresses) expect([macAddress, isValid({ macAddress })]).toEqual([macAddress, false]);
});

test("impairments are numbers in their bounds, and nothing else", () => {
  expect(withImpairment({})).toBe(true);
  const all = { delayMilliseconds: 0.5, jitterMilliseconds: 60_000, lossPercent: 0.01, corruptionPercent: 100 };
  expect(withImpairment({ ...all, rateBitsPerSecond: 1000 })).toBe(true);
  const bad = [
    { delayMilliseconds: -1 },
    { delayMilliseconds: 60_001 },
    { jitterMilliseconds: Number.NaN },
    { lossPercent: 100.1 },
    { lossPercent: "1" },
    { corruptionPercent: Infinity },
    { rateBitsPerSecond: 0 },
    { rateBitsPerSecond: 999 },
    { duplicatePercent: 1 },
    { delayMilliseconds: undefined },
  ];
  for (const impairment of bad) expect([impairment, withImpairment(impairment)]).toEqual([impairment, false]);
});

test("a source is named once", () => {
  const [source] = port.bySource;
  expect(isValid({ bySource: [source, { ...source, sourceMac: "02:42:0A:6F:03:03" }] })).toBe(false);
});
