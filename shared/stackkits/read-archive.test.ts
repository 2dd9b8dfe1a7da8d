import { gzipSync } from "node:zlib";
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
  const many = new Map(Array.from({ length: 10_000 }, (_, index) => [`f${index}`, small]));
  expect(rulesOf(gzipSync(Buffer.alloc(1)))).toEqual(["kit/archive"]);
  expect(readKitArchive(writeKitArchive(many)).findings).not.toEqual([]);
  expect(rulesOf(writeKitArchive(new Map([["a", Buffer.alloc(1_000_001)]])))).toEqual(["kit/too-large"]);
});

test("a bomb, a cut archive and what is no archive are refused", () => {
  expect(rulesOf(gzipSync(Buffer.alloc(200_000_000)))).toEqual(["kit/archive"]);
  const whole = writeKitArchive(new Map([["a", small]]));
  expect(rulesOf(whole.slice(0, whole.length - 20))).toEqual(["kit/archive"]);
  expect(rulesOf(small)).toEqual(["kit/archive"]);
});
