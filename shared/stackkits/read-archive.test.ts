import { gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { readKitArchive } from "./read-archive.ts";
import { writeKitArchive } from "./write-archive.ts";

const small = Buffer.from("x");
const rulesOf = (archive: Uint8Array) => readKitArchive(archive).findings.map(({ rule }) => rule);

test.each(["../up", "/etc/passwd", "a/../../b", "C:/x", "a//b", "deep.tar.gz", "a b"])(
  "the path %j is refused",
  (path) => {
    expect(rulesOf(writeKitArchive(new Map([[path, small]])))).toEqual(["kit/path"]);
  },
);

test("names that differ in capitals only, 10,000 entries and files that are too large are refused", () => {
  expect(
    rulesOf(
      writeKitArchive(
        new Map([
          ["A", small],
          ["a", small],
        ]),
      ),
    ),
  ).toEqual(["kit/path"]);
  const many = new Map(Array.from({ length: 10_000 }, (_, index) => [`f${index}`, Buffer.alloc(0)]));
  expect(rulesOf(writeKitArchive(many))).toEqual(["kit/too-large"]);
  const more = new Map(Array.from({ length: 201 }, (_, index) => [`f${index}`, small]));
  expect(rulesOf(writeKitArchive(more))).toEqual(["kit/too-large"]);
  expect(rulesOf(writeKitArchive(new Map([["a", Buffer.alloc(1_000_001)]])))).toEqual(["kit/too-large"]);
});

/** The archive with another type of entry (symbolic link, hard link, device, folder, extensions), its checksum put right. */
const withType = (type: string): Uint8Array => {
  const tar = gunzipSync(writeKitArchive(new Map([["a", small]])));
  tar.write(type, 156, "latin1");
  tar.write("        ", 148, "latin1");
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return gzipSync(tar);
};

test.each(["1", "2", "3", "4", "5", "6", "7", "x", "g", "L", "K"])(
  "an entry of type %s is refused, whatever it is called",
  (type) => {
    expect(readKitArchive(withType("0")).findings).toEqual([]);
    const [finding] = readKitArchive(withType(type)).findings;
    expect(finding).toMatchObject({
      rule: "kit/archive",
      reason: expect.stringContaining("not a plain file") as string,
    });
  },
);

test("a bomb, a cut archive and what is no archive are refused", () => {
  expect(rulesOf(gzipSync(Buffer.alloc(200_000_000)))).toEqual(["kit/archive"]);
  const whole = writeKitArchive(new Map([["a", small]]));
  expect(rulesOf(whole.slice(0, whole.length - 20))).toEqual(["kit/archive"]);
  expect(rulesOf(small)).toEqual(["kit/archive"]);
});
