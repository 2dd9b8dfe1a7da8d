import { afterEach, expect, test } from "vitest";
import type { Behaviour, ScriptedServer } from "../../../tests/support/scripted-server.ts";
import { scriptedServer } from "../../../tests/support/scripted-server.ts";
import { httpProbeInstance } from "./probe-instance.ts";

const timeoutMilliseconds = 250;
const ask = httpProbeInstance(timeoutMilliseconds);
const probe = (endpoint: string) => ask(endpoint, "stack-1");
let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

test.each<[Behaviour, object]>([
  ["healthy", { kind: "answered", status: "healthy", failedChecks: [], version: "0.40.4" }],
  ["degraded", { kind: "answered", status: "degraded", failedChecks: ["storage"] }],
  ["error", { kind: "wrong", cause: "It answered with status 500." }],
  ["garbage", { kind: "wrong", cause: "Its answer is not a health document." }],
  ["redirect", { kind: "wrong", cause: "It answered with a redirect, which is not followed." }],
  ["huge", { kind: "wrong", cause: "Its answer is larger than 64 KiB." }],
  ["not-http", { kind: "wrong", cause: "It answered with something that is not HTTP." }],
  ["trickle", { kind: "silent", cause: "No answer within 0.25 seconds." }],
  ["hang", { kind: "silent", cause: "No answer within 0.25 seconds." }],
  ["down", { kind: "silent", cause: "The connection was cut." }],
])("an instance that is %s", async (behaviour, expected) => {
  server = await scriptedServer(behaviour);
  const begin = performance.now();
  expect(await probe(server.url)).toMatchObject(expected);
  expect(performance.now() - begin).toBeLessThan(timeoutMilliseconds * 4);
  expect(server.requests()).toBe(1);
});

test("an instance that is gone refuses the connection", async () => {
  const gone = await scriptedServer();
  await gone.close();
  expect(await probe(gone.url)).toEqual({ kind: "silent", cause: "The connection was refused." });
});

test("an endpoint that is no URL is an outcome, not a failure of the round", async () => {
  expect(await probe("nonsense")).toMatchObject({ kind: "silent" });
});
