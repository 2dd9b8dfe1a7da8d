import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { locateAtManager } from "./locate-instance.ts";

let answer: { status: number; body: unknown };
let asked = 0;
const manager = createServer((_request, response) => {
  asked += 1;
  response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
});
let locate: ReturnType<typeof locateAtManager>;

beforeAll(async () => {
  manager.listen(0, "127.0.0.1");
  await once(manager, "listening");
  const { port } = manager.address() as AddressInfo;
  locate = locateAtManager(`http://127.0.0.1:${port}`);
});
afterAll(() => manager.close());

const instance = { name: "stack-1", internalEndpoint: "http://127.0.0.1:4001", pid: 7 };

test("says where an instance that runs is, at every call anew", async () => {
  answer = { status: 200, body: [instance] };
  expect(await locate("stack-1")).toBe("http://127.0.0.1:4001");
  answer = { status: 200, body: [{ ...instance, internalEndpoint: "http://127.0.0.1:4002" }] };
  expect(await locate("stack-1")).toBe("http://127.0.0.1:4002");
});

test("asks once for all who want to know at the same moment", async () => {
  answer = { status: 200, body: [instance] };
  asked = 0;
  await Promise.all([locate("stack-1"), locate("stack-1"), locate("stack-1")]);
  expect(asked).toBe(1);
});

test.each([
  ["has no process", { status: 200, body: [{ ...instance, pid: null }] }, "does not run"],
  ["has never run", { status: 200, body: [{ ...instance, internalEndpoint: null }] }, "does not run"],
  ["is unknown", { status: 200, body: [] }, "does not run"],
  ["cannot be asked about", { status: 500, body: {} }, "answered 500"],
])("names no address of an instance that %s", async (_which, given, message) => {
  answer = given;
  await expect(locate("stack-1")).rejects.toThrow(message);
});
