import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildFunctions } from "../scripts/build-functions.ts";
import { describeFunctions, exampleSettings } from "../scripts/function-manifest.ts";

/** A worker in small: collects what the bundle registers, then calls one function and prints what came of it. */
const worker = `
const Module = require("node:module");
const load = Module._load;
const registered = new Map();
const core = { version: "3", hostVersion: "4", setProgrammingModel() {}, getProgrammingModel() {}, log() {},
  registerFunction: (metadata, callback) => {
    if (registered.has(metadata.name)) throw new Error(metadata.name + " is registered twice");
    registered.set(metadata.name, callback); return { dispose() {} }; },
  registerHook: () => ({ dispose() {} }), Disposable: class { dispose() {} } };
Module._load = (name, ...rest) => (name === "@azure/functions-core" ? core : load(name, ...rest));
require("./main.cjs");
const request = { headers: new Headers(), params: {}, query: new URLSearchParams() };
registered.get("jwks")(request, { error() {} }).then(
  (answer) => ({ status: answer.status }), (error) => ({ error: error.message }),
).then((outcome) => console.log(JSON.stringify({ names: [...registered.keys()], ...outcome })));
`;

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "kombify-main-"));
  await buildFunctions(directory);
  await writeFile(join(directory, "worker.cjs"), worker);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const run = async (environment: NodeJS.ProcessEnv) => {
  const env = { PATH: process.env["PATH"], ...environment };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["worker.cjs"], { cwd: directory, env });
  return { stderr, ...(JSON.parse(stdout) as { names: string[]; status?: number; error?: string }) };
};

test("registers the catalog, and opens the app for the first call", async () => {
  const { http, timers, queues, activities } = describeFunctions();
  const { names, status } = await run({ ...exampleSettings, SECRETS_DIRECTORY: join(directory, "secrets") });
  expect(names).toEqual(expect.arrayContaining([...http, ...timers, ...queues, ...activities].map(({ name }) => name)));
  expect(status).toBe(200);
});

test("bad settings are named in the log at the start, and by every call", async () => {
  const { stderr, error } = await run({ ...exampleSettings, DEFAULT_REGION: "atlantis" });
  expect(stderr).toMatch(/cannot be opened.*DEFAULT_REGION/);
  expect(error).toMatch(/DEFAULT_REGION/);
});
