import { assert, array, constantFrom, jsonValue, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { workOf } from "../../tests/support/work-of.ts";
import { readYaml, yamlOptions } from "./read-yaml.ts";
import { scanYaml } from "./scan-yaml.ts";
import type { YamlText } from "./yaml-text.ts";

const half = 500_000;
/** Makes a text so long that it is looked through before it is parsed. */
const long = ` #${"x".repeat(20_000)}\n`;

const read = (text: string): YamlText => {
  const outcome = readYaml(text);
  if (outcome.kind === "unreadable") throw new Error(JSON.stringify(outcome.faults));
  return outcome.yaml;
};

const faultsOf = (text: string, refused?: ReadonlySet<string>) => {
  const outcome = readYaml(text, refused === undefined ? {} : { refusedKeys: refused });
  return outcome.kind === "read" ? [] : outcome.faults;
};

describe("reading YAML", () => {
  it("looks values up by their path, in mappings and lists", () => {
    const yaml = read("a:\n  - b: 1\n  - [x, y]\n1: one\n");
    expect(yaml.value(["a", 0, "b"])).toBe(1);
    expect(yaml.value(["a", "1", 1])).toBe("y");
    expect(yaml.value(["1"])).toBe("one");
    expect(yaml.has(["a", 2])).toBe(false);
    expect(yaml.keys([])).toEqual(["a", "1"]);
    expect(yaml.keys(["a"])).toBeUndefined();
    expect([yaml.size(["a"]), yaml.size(["a", 0]), yaml.size(["1"])]).toEqual([2, 1, 0]);
  });

  it("shows values, keys and, for what is missing, the parent", () => {
    const yaml = read("first: 1\nsecond:\n  - third: x\r\n    fourth: y\n");
    expect(yaml.positionOf(["second", 0, "fourth"])).toEqual({ line: 4, column: 13 });
    expect(yaml.keyPositionOf(["second", 0, "fourth"])).toEqual({ line: 4, column: 5 });
    expect(yaml.positionOf(["second", 0, "fifth"])).toEqual({ line: 3, column: 5 });
    expect(yaml.positionOf(["second", 7])).toEqual({ line: 3, column: 3 });
  });

  it("gives back what JSON says", () => {
    assert(
      property(jsonValue({ maxDepth: 4 }), (value) => {
        expect(read(JSON.stringify({ value })).data()).toEqual({ value: JSON.parse(JSON.stringify(value)) as unknown });
      }),
    );
  });

  it("keeps __proto__ a member like any other", () => {
    const data = read("__proto__: { polluted: true }\n").data();
    expect(Object.getOwnPropertyNames(data)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
    expect({}).not.toHaveProperty("polluted");
  });

  it("knows the core schema only, whatever the text asks for", () => {
    const yaml = read("%YAML 1.1\n---\na: yes\nb: 10:30\nc: !secret x\nd: 2020-01-01\n<<: { e: 1 }\n");
    expect(yaml.data()).toEqual({ a: "yes", b: "10:30", c: "x", d: "2020-01-01", "<<": { e: 1 } });
    expect(yaml.warnings).toMatchObject([{ line: 5, column: 4 }]);
  });

  it.each([
    ["a: 1\na: 2", "key-twice", 2, 1],
    ["a: { b: 1, 1: x, '1': y }", "key-twice", 1, 18],
    ["a: &x 1\nb: *x", "alias", 2, 4],
    ["a: &x [1]\nb: [*x, *x]", "alias", 2, 5],
    ["? [a, *x]\n: 1", "alias", 1, 7],
    ["a:\n\t- b", "syntax", 2, 1],
    ["- a", "not-a-mapping", 1, 1],
    ["", "not-a-mapping", 1, 1],
    ["a: 1\n---\nb: 2", "syntax", 2, 1],
    ['a: "x\\qy"', "syntax", 1, 6],
    ["a: ]", "syntax", 1, 4],
    [`a: ]${long}`, "syntax", 1, 4],
    ["a: {b: {prototype: 1}}", "key-refused", 1, 9],
    [`a: ${"[".repeat(100)}${"]".repeat(100)}`, "too-deep", 1, 103],
    [`a: ${"[".repeat(101)}${long}`, "too-deep", 1, 104],
    ["- ".repeat(20_000), "", 1, 1],
  ])("refuses %.60j", (text, kind, line, column) => {
    const [fault] = faultsOf(text, new Set(["prototype"]));
    expect(fault).toMatchObject(kind === "" ? { line } : { kind, line, column });
  });

  it("takes brackets, quotes and backslashes inside of texts for what they are", () => {
    const text = 'a: |\n  "\\q ]]]]\n  }}}\nb: x]}\nc: \'\\q ]\'\nd: "\\x41\\u00e9\\\\ \\\n  z ]"\n# ]]] "\\q\n';
    expect(read(text + long).data()).toEqual({ a: '"\\q ]]]]\n}}}\n', b: "x]}", c: "\\q ]", d: "Aé\\ z ]" });
  });

  it.each([
    "[",
    "{",
    "]",
    "}",
    "[],",
    "[1,",
    ",",
    "- ",
    "? ",
    "a: ",
    "!a ",
    "&a ",
    '"a" ',
    ": \n",
    "%x\n",
    "*a ",
    "\n",
    "\t",
  ])("is done with half a megabyte of %j in time and memory", (piece) => {
    const text = (piece.endsWith(",") ? "[" : "") + piece.repeat(half / piece.length);
    const { milliseconds, heapBytes } = workOf(() => expect(faultsOf(text).length).toBeGreaterThan(0));
    expect(milliseconds).toBeLessThan(1_000);
    expect(heapBytes).toBeLessThan(100_000_000);
  });

  it("is done with half a megabyte of wrong escapes, which the parser would make an error object of each", () => {
    const text = `a: "${"\\q".repeat(half / 2)}"`;
    const { milliseconds } = workOf(() =>
      expect(faultsOf(text)).toMatchObject([{ kind: "syntax", line: 1, column: 5 }]),
    );
    expect(milliseconds).toBeLessThan(300);
  });

  it("looks through a text without refusing what the parser would take", () => {
    const piece = constantFrom(
      ...'[]{}:-?,&*!|>"#% \n\t\\'.split(""),
      "a",
      "- ",
      ": ",
      "\n  ",
      "\\q",
      '"a',
      "|\n ",
      "\u001f",
    );
    assert(
      property(array(piece, { maxLength: 25 }), (pieces) => {
        const text = pieces.join("");
        if (scanYaml(text, 1_000)?.kind === "syntax") expect(parseDocument(text, yamlOptions).errors).not.toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it("never throws, and shows faults inside of the text", () => {
    const piece = constantFrom(
      ...'[]{}:-?,&*!|>"#%@` \n\t\r\\'.split(""),
      "a",
      "1",
      "- ",
      ": ",
      "\n  ",
      "---\n",
      "'",
      "\0",
    );
    assert(
      property(
        array(piece, { maxLength: 60 }),
        string({ unit: "binary", maxLength: 10 }),
        constantFrom("", long),
        (pieces, tail, end) => {
          const text = pieces.join("") + tail + end;
          const lines = text.split("\n");
          for (const { line, column, reason } of faultsOf(text)) {
            expect(reason).not.toBe("");
            expect(line).toBeGreaterThanOrEqual(1);
            expect(column).toBeGreaterThanOrEqual(1);
            expect(column).toBeLessThanOrEqual((lines[line - 1] ?? "").length + 1);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
