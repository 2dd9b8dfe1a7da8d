import { describe, expect, test } from "vitest";
import type { PlannedProbe } from "./probe-script.ts";
import { probeScript, readProbes } from "./probe-script.ts";

const tcp: PlannedProbe = { name: "t", expected: "blocked", attempt: { kind: "tcp", address: "10.111.0.1", port: 80 } };
const udp: PlannedProbe = { name: "u", expected: "blocked", attempt: { kind: "udp", address: "10.111.0.1", port: 80 } };
const name: PlannedProbe = {
  name: "n",
  expected: "reached",
  attempt: { kind: "name", name: "db", address: "10.111.0.3" },
};
const anyName: PlannedProbe = { name: "a", expected: "blocked", attempt: { kind: "name", name: "db" } };
const nobody: ReadonlySet<number> = new Set();

const seenOf = (probe: PlannedProbe, code: number, said: string, heard = nobody) =>
  readProbes([probe], `1 ${code} 10.00 11.02 ${said}\n`, heard)?.[0]?.seen;

const resolver = "Server: 127.0.0.11 Address: 127.0.0.11:53";

describe("what a probe saw", () => {
  test.each([
    ["a connection", tcp, 0, "HTTP/1.1 400 Bad Request\r Date: x", "reached"],
    ["a connection that stayed open", tcp, 143, "Terminated", "reached"],
    [
      "a closed port, whose host was asked",
      tcp,
      1,
      "nc: can't connect to remote host (10.111.0.1): Connection refused",
      "reached",
    ],
    ["silence", tcp, 1, "nc: timed out", "blocked"],
    ["no way there", tcp, 1, "nc: can't connect to remote host (10.111.0.1): Network is unreachable", "blocked"],
    ["a host that is not there", tcp, 1, "nc: can't connect to remote host (10.111.0.1): No route to host", "blocked"],
    ["a datagram without an answer", udp, 143, "Terminated", "blocked"],
    ["a datagram with an answer", udp, 0, resolver, "reached"],
    ["a datagram to a closed port", udp, 1, "nslookup: read: Connection refused", "reached"],
    ["a name with its address", name, 0, `${resolver} Name: db Address: 10.111.0.3`, "reached"],
    [
      "a name with its address in an older writing",
      name,
      0,
      "Server: 127.0.0.11 Address 1: 127.0.0.11 Name: db Address 1: 10.111.0.3 db.x",
      "reached",
    ],
    ["a name with another's address", name, 0, `${resolver} Name: db Address: 10.111.0.35`, "blocked"],
    ["a name that should not be known", anyName, 0, `${resolver} Name: db Address: 192.0.2.9`, "reached"],
    ["an answer without addresses", anyName, 0, `${resolver} Non-authoritative answer:`, "blocked"],
    ["no such name", anyName, 1, `${resolver} ** server can't find db: NXDOMAIN`, "blocked"],
  ])("%s", (...[, probe, code, said, seen]) => {
    expect(seenOf(probe, code, said)).toBe(seen);
  });

  test.each([
    [tcp, "timeout: fork: Resource temporarily unavailable"],
    [udp, "timeout: vfork: Resource temporarily unavailable"],
    [anyName, "sh: eval: line 3: can't fork: Resource temporarily unavailable"],
    [tcp, "sh: nc: not found"],
    [tcp, "nc: bad address '10.111.0.1'"],
    [tcp, ""],
  ])("is nothing when the attempt was not made, which is no wall", (probe, said) => {
    for (const code of [1, 2, 126, 127, 137, 139]) expect(seenOf(probe, code, said)).toBeUndefined();
  });

  test("is believed less than what the host heard", () => {
    expect(seenOf(udp, 143, "Terminated", new Set([1]))).toBe("reached");
    expect(seenOf(udp, 143, "Terminated", new Set([2]))).toBe("blocked");
  });

  test("is in the order of the probes, with the time it took, whatever order they ended in", () => {
    const output = "2 1 10.00 11.02 nc: timed out\n1 0 10.00 10.01\n";
    expect(readProbes([{ ...tcp, expected: "reached" }, tcp], output, nobody)).toEqual([
      { name: "t", expected: "reached", seen: "reached", milliseconds: 10 },
      { name: "t", expected: "blocked", seen: "blocked", milliseconds: 1020 },
    ]);
  });

  test.each(["", "2 1 10.00 11.00 x\n", "sh: not found\n", "1 x 10.00 11.00\n"])(
    "is nothing when it did not report: '%s'",
    (output) => {
      expect(readProbes([tcp], output, nobody)).toBeUndefined();
    },
  );
});

test.each(["10.0.0.1; reboot", "a b", "$(x)", "'", "", "x\ny"])("no shell sees '%s'", (word) => {
  expect(() => probeScript([{ ...tcp, attempt: { kind: "tcp", address: word, port: 80 } }])).toThrow(RangeError);
  expect(() => probeScript([{ ...tcp, attempt: { kind: "name", name: word } }])).toThrow(RangeError);
});
