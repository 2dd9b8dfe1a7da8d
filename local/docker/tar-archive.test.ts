import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeTarArchive, type TarEntry } from "./tar-archive.ts";

const entries: readonly TarEntry[] = [
  { kind: "directory", path: "data", mode: 0o755, owner: 65_534 },
  { kind: "directory", path: "tmp", mode: 0o1777 },
  { kind: "file", path: "bin/tool", mode: 0o755, content: Buffer.from("#!/bin/sh\n") },
  { kind: "file", path: "empty", mode: 0o644, content: Buffer.alloc(0) },
  { kind: "file", path: "full", mode: 0o644, content: Buffer.alloc(512, "x") },
  { kind: "link", path: "bin/other", target: "tool" },
];

const text = (block: Buffer, begin: number, length: number): string =>
  block.toString("latin1", begin, begin + length).replace(/\0.*$/, "");

/** What a reader of POSIX.1-1988 takes from the archive, with the checksum as it should be. */
const readBack = (archive: Buffer) => {
  const found = [];
  let at = 0;
  while (archive[at] !== 0) {
    const header = archive.subarray(at, at + 512);
    const size = Number.parseInt(text(header, 124, 12), 8);
    const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
    found.push({
      name: text(header, 0, 100),
      mode: text(header, 100, 8),
      owner: text(header, 108, 8),
      group: text(header, 116, 8),
      time: text(header, 136, 12),
      type: text(header, 156, 1),
      target: text(header, 157, 100),
      magic: header.toString("latin1", 257, 265),
      content: archive.toString("latin1", at + 512, at + 512 + size),
      isSummed: Number.parseInt(text(header, 148, 8), 8) === sum,
    });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return { found, rest: archive.subarray(at) };
};

describe("a tar archive", () => {
  it("is the same, byte for byte, whatever order its entries come in", () => {
    const wanted = makeTarArchive(entries);
    fc.assert(
      fc.property(fc.shuffledSubarray([...entries], { minLength: entries.length }), (shuffled) => {
        expect(makeTarArchive(shuffled).equals(wanted)).toBe(true);
      }),
    );
  });

  it("says what each entry is, with no time and no owner but the one it was given", () => {
    const { found, rest } = readBack(makeTarArchive(entries));
    const line = ({ name, mode, owner, group, type, target }: (typeof found)[number]) =>
      [name, mode, owner, group, type, target].join(" ").trim();
    expect(found.map(line)).toEqual([
      "bin/other 0000777 0000000 0000000 2 tool",
      "bin/tool 0000755 0000000 0000000 0",
      "data/ 0000755 0177776 0177776 5",
      "empty 0000644 0000000 0000000 0",
      "full 0000644 0000000 0000000 0",
      "tmp/ 0001777 0000000 0000000 5",
    ]);
    expect(new Set(found.map(({ time, magic, isSummed }) => `${time} ${magic} ${isSummed}`))).toEqual(
      new Set(["00000000000 ustar\u000000 true"]),
    );
    expect(found.map(({ content }) => content)).toEqual(["", "#!/bin/sh\n", "", "", "x".repeat(512), ""]);
    expect(rest.equals(Buffer.alloc(1024))).toBe(true);
  });

  it("refuses a path that comes twice, which engines since 25 refuse as well", () => {
    const again: TarEntry = { kind: "link", path: "data", target: "tmp" };
    expect(() => makeTarArchive([...entries, again])).toThrow("cannot have data twice");
  });

  it("refuses a name or a target that a header has no room for", () => {
    const long = "a".repeat(101);
    expect(() => makeTarArchive([{ kind: "link", path: long, target: "x" }])).toThrow(`no room for the name ${long}`);
    expect(() => makeTarArchive([{ kind: "link", path: "x", target: long }])).toThrow("no room");
    expect(() => makeTarArchive([{ kind: "directory", path: "ä".repeat(50), mode: 0o755 }])).toThrow("no room");
    expect(makeTarArchive([{ kind: "link", path: "a".repeat(100), target: "x" }])).toHaveLength(3 * 512);
  });
});
