import { assert, double, property, uint8Array } from "fast-check";
import { expect, test } from "vitest";
import { corruptFrame } from "./corrupt-frame.ts";

/** RFC 1071: 0 over a part that has its checksum in it. */
const checksum = (bytes: Buffer): number => {
  let sum = 0;
  for (let offset = 0; offset < bytes.length; offset += 2) sum += (bytes[offset]! << 8) | (bytes[offset + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
};

const ethernet = (etherType: number, rest: Buffer): Buffer => {
  const header = Buffer.from("02420a6f030202420a6f03030000", "hex");
  header.writeUInt16BE(etherType, 12);
  return Buffer.concat([header, rest]);
};

/** An echo request over IPv4 with both its checksums. */
const ping = (payload: Uint8Array): Buffer => {
  const icmp = Buffer.concat([Buffer.from("0800000000070001", "hex"), payload]);
  icmp.writeUInt16BE(checksum(icmp), 2);
  const ip = Buffer.from("450000000000400040010000" + "0a6f03020a6f0303", "hex");
  ip.writeUInt16BE(ip.length + icmp.length, 2);
  ip.writeUInt16BE(checksum(ip), 10);
  return ethernet(0x0800, Buffer.concat([ip, icmp]));
};

const share = double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const payload = uint8Array({ minLength: 2, maxLength: 1400 });

const flippedBits = (one: Buffer, other: Buffer): readonly number[] =>
  [...one].flatMap((byte, offset) =>
    [0, 1, 2, 3, 4, 5, 6, 7]
      .filter((bit) => (((byte ^ other[offset]!) >> bit) & 1) === 1)
      .map((bit) => offset * 8 + bit),
  );

test("one bit behind the header of Ethernet is flipped, and a checksum of IPv4 or ICMP tells", () => {
  assert(
    property(payload, share, (content, at) => {
      const frame = ping(content);
      const damaged = Buffer.from(frame);
      expect(corruptFrame(damaged, at)).toBe(true);
      const flipped = flippedBits(frame, damaged);
      expect(flipped).toHaveLength(1);
      expect(flipped[0]).toBeGreaterThanOrEqual(14 * 8);
      expect([checksum(damaged.subarray(14, 34)), checksum(damaged.subarray(34))]).not.toEqual([0, 0]);
    }),
  );
});

test("the whole of a frame can be hit", () => {
  const frame = ping(Buffer.from([1, 2]));
  const bits = (frame.length - 14) * 8;
  const hit = Array.from({ length: bits }, (_, bit) => {
    const damaged = Buffer.from(frame);
    corruptFrame(damaged, (bit + 0.5) / bits);
    return flippedBits(frame, damaged)[0];
  });
  expect(hit).toEqual(Array.from({ length: bits }, (_, bit) => 14 * 8 + bit));
});

test("IPv6 is hit behind its own header, which nothing checks", () => {
  const frame = ethernet(0x86dd, Buffer.alloc(40 + 20, 0x60));
  for (const at of [0, 0.5, 0.999]) {
    const damaged = Buffer.from(frame);
    expect(corruptFrame(damaged, at)).toBe(true);
    expect(flippedBits(frame, damaged)[0]).toBeGreaterThanOrEqual((14 + 40) * 8);
  }
});

test("a frame that a receiver would believe is left alone, to be dropped", () => {
  const unchecked = [
    ethernet(0x0806, Buffer.alloc(28, 7)),
    ethernet(0x88cc, Buffer.alloc(50)),
    ethernet(0x0800, Buffer.alloc(0)),
    ethernet(0x86dd, Buffer.alloc(40)),
    Buffer.alloc(6),
  ];
  for (const frame of unchecked) {
    const before = Buffer.from(frame);
    expect(corruptFrame(frame, 0.5)).toBe(false);
    expect(frame).toEqual(before);
  }
});
