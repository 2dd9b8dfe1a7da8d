import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { stackPageHeaders, stackTarget } from "./stack-paths.ts";

const Target = z.union([
  z.strictObject({ instance: z.string(), path: z.string() }),
  z.strictObject({ location: z.string() }),
]);
const file = new URL("../../kong/plugins/kombify-stack/paths.cases.json", import.meta.url);
const cases = z
  .array(z.tuple([z.string(), z.string(), Target.nullable()]))
  .parse(JSON.parse(await readFile(file, "utf8")));

const pagesFile = new URL("../../kong/plugins/kombify-stack/pages.cases.json", import.meta.url);
const pages = z
  .array(z.tuple([z.string(), z.record(z.string(), z.string()).nullable()]))
  .parse(JSON.parse(await readFile(pagesFile, "utf8")));

describe("the headers of a Stack's pages, shared with Kong's plugin", () => {
  it.each(pages)("%s gets %j", (path, wanted) => {
    expect(stackPageHeaders(path)).toEqual(wanted);
  });
});

describe("the Stack paths shared with Kong's plugin", () => {
  it.each(cases)("%s %s leads to %j", (method, path, wanted) => {
    const { kind, ...target } = stackTarget(path, method);
    expect(kind === "refuse" ? null : target).toEqual(wanted);
  });
});
