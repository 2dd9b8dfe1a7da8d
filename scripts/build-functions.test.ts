import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildFunctions } from "./build-functions.ts";
import { deferRequires } from "./load-on-demand.ts";

const require = createRequire(import.meta.url);

describe("the app's bundle", () => {
  let directory = "";
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "kombify-build-"));
    await buildFunctions(directory);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it("leaves what is used on demand to files that load without node_modules", async () => {
    const files = (await readdir(join(directory, "packages"))).filter((file) => file.endsWith(".cjs"));
    expect(files).toEqual(
      expect.arrayContaining(["azure-arm-resources.cjs", "azure-cosmos.cjs", "azure-identity.cjs", "axios.cjs"]),
    );
    for (const file of files) expect(require(join(directory, "packages", file)), file).toBeTruthy();
    expect(require(join(directory, "packages", "azure-cosmos.cjs"))).toHaveProperty("CosmosClient");
  });

  it("stays small, for it is read as a whole at every start", async () => {
    const main = await readFile(join(directory, "main.cjs"));
    expect(main.byteLength).toBeLessThan(800_000);
  });
});

describe("deferRequires", () => {
  it("requires a module where it is used, and only there", () => {
    const source = [
      'const axios_1 = require("axios");',
      'const moment = require("moment");',
      "exports.ask = () => new axios_1.Axios();",
      "exports.moment = moment(1).moment;",
    ].join("\n");
    expect(deferRequires(source)).toBe(
      [
        'const axios_1 = () => require("axios");',
        'const moment = () => require("moment");',
        "exports.ask = () => new (axios_1()).Axios();",
        "exports.moment = (moment())(1).moment;",
      ].join("\n"),
    );
  });

  it("leaves alone what it does not know", () => {
    const source = 'const url = require("url");\nexports.url = url.parse;';
    expect(deferRequires(source)).toBe(source);
  });
});
