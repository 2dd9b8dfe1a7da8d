import { describe, expect, it } from "vitest";
import type { Candidates } from "./solve-dependencies.ts";
import { solveDependencies } from "./solve-dependencies.ts";

const kits = (
  listed: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>,
): Candidates =>
  new Map(
    Object.entries(listed).map(([id, versions]) => [
      id,
      Object.entries(versions).map(([version, needs]) => ({
        version,
        dependencies: Object.entries(needs).map(([needed, range]) => ({ id: needed, range })),
      })),
    ]),
  );

describe("solving dependencies", () => {
  it("takes the newest version that fits, and what it needs", () => {
    const all = kits({ media: { "1.0.0": { proxy: "^1" } }, proxy: { "1.0.0": {}, "1.10.0": {}, "2.0.0": {} } });
    const solved = solveDependencies({ id: "media", range: "*" }, all);
    expect(solved).toEqual({
      kind: "solved",
      versions: new Map([
        ["media", "1.0.0"],
        ["proxy", "1.10.0"],
      ]),
    });
  });

  it("leaves what is installed as it is, if it can", () => {
    const all = kits({ media: { "1.0.0": { proxy: "^1" } }, proxy: { "1.0.0": {}, "1.1.0": {} } });
    const solved = solveDependencies({ id: "media", range: "*" }, all, new Map([["proxy", "1.0.0"]]));
    expect(solved.kind === "solved" && solved.versions.get("proxy")).toBe("1.0.0");
  });

  it("goes back to an older version when the newest leads nowhere", () => {
    const all = kits({
      a: { "2.0.0": { b: "^1", c: "^2" }, "1.0.0": { b: "^1", c: "^1" } },
      b: { "1.0.0": { c: "^1" } },
      c: { "1.0.0": {}, "2.0.0": {} },
    });
    const solved = solveDependencies({ id: "a", range: "*" }, all);
    expect(solved.kind === "solved" && solved.versions.get("a")).toBe("1.0.0");
  });

  it("says who wants what when nothing fits", () => {
    const all = kits({
      a: { "1.0.0": { b: "^1", c: "^2" } },
      b: { "1.0.0": { c: "^1" } },
      c: { "1.0.0": {}, "2.0.0": {} },
    });
    expect(solveDependencies({ id: "a", range: "*" }, all)).toEqual({
      kind: "conflict",
      reasons: ["b 1.0.0 needs c ^1, but a 1.0.0 leads to c 2.0.0."],
    });
  });

  it("names a kit that does not exist, a version that does not, and a range that is none", () => {
    const all = kits({ a: { "1.0.0": { ghost: "^1" } }, b: { "1.0.0": { a: "^9" } }, c: { "1.0.0": { a: "soon" } } });
    expect(solveDependencies({ id: "a", range: "*" }, all)).toMatchObject({
      reasons: ["a 1.0.0 needs ghost ^1, but there is no kit ghost."],
    });
    expect(solveDependencies({ id: "b", range: "*" }, all)).toMatchObject({
      reasons: ["b 1.0.0 needs a ^9, but there is only 1.0.0."],
    });
    expect(solveDependencies({ id: "c", range: "*" }, all)).toMatchObject({
      reasons: ["c 1.0.0 needs a soon, which is not a semver range."],
    });
  });

  it("ends with circles, and with a catalogue made to never end", () => {
    const circle = kits({ a: { "1.0.0": { b: "*" } }, b: { "1.0.0": { a: "*" } } });
    expect(solveDependencies({ id: "a", range: "*" }, circle).kind).toBe("solved");
    const versions = Array.from({ length: 12 }, (_, index) => `1.${index}.0`);
    const level = (next: string) => Object.fromEntries(versions.map((version) => [version, { [next]: "*" }]));
    const maze = kits(
      Object.fromEntries(Array.from({ length: 12 }, (_, depth) => [`k${depth}`, level(`k${depth + 1}`)])),
    );
    expect(solveDependencies({ id: "k0", range: "*" }, maze)).toMatchObject({ kind: "conflict" });
  });
});
