import { array, assert, integer, property, uint8Array } from "fast-check";
import { expect, test } from "vitest";
import { makePcapCutter } from "./pcap-cutter.ts";

const fileHeader = Buffer.alloc(24, 0xd4);
const frameOf = (content: Uint8Array): Buffer => {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(content.length, 8);
  header.writeUInt32LE(content.length, 12);
  return Buffer.concat([header, content]);
};

/** The file in pieces of these sizes, and the rest. */
const split = (file: Buffer, sizes: readonly number[]): readonly Buffer[] => {
  let offset = 0;
  const pieces = sizes.map((size) => file.subarray(offset, (offset += size)));
  return [...pieces, file.subarray(offset)];
};

const contents = array(uint8Array({ maxLength: 80 }), { maxLength: 20 });
const sizes = array(integer({ min: 0, max: 60 }), { maxLength: 40 });

test("whatever the pieces are, all of the file comes out, frame by frame", () => {
  assert(
    property(contents, sizes, (frames, pieces) => {
      const ends = new Set([0, 24]);
      const file = frames.reduce<Buffer>((before, content) => {
        const next = Buffer.concat([before, frameOf(content)]);
        ends.add(next.length);
        return next;
      }, fileHeader);
      const cutter = makePcapCutter(1_000_000);
      let out = Buffer.alloc(0);
      for (const piece of split(file, pieces)) {
        out = Buffer.concat([out, cutter.add(piece)]);
        expect(ends.has(out.length)).toBe(true);
      }
      expect(out).toEqual(file);
      expect(cutter.isFull()).toBe(false);
    }),
  );
});

test("at the bound it ends after the last frame that fits", () => {
  assert(
    property(contents, sizes, integer({ min: 24, max: 900 }), (frames, pieces, bytesMax) => {
      const file = Buffer.concat([fileHeader, ...frames.map(frameOf)]);
      const cutter = makePcapCutter(bytesMax);
      const out = Buffer.concat(split(file, pieces).map((piece) => cutter.add(piece)));
      let fits = 24;
      for (const content of frames) {
        if (fits + 16 + content.length > bytesMax) break;
        fits += 16 + content.length;
      }
      expect(out).toEqual(file.subarray(0, fits));
      expect(cutter.isFull()).toBe(fits < file.length);
    }),
  );
});
