import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import type { TestApi } from "../../../tests/support/sim-api.ts";
import { buildApi, json, runningId, signedBy } from "../../../tests/support/sim-api.ts";
import type { Engine } from "../../engine/ports.ts";

let api: TestApi;
let id = "";
let asked: { readonly command: readonly string[]; readonly options: unknown }[] = [];
let gate = Promise.resolve();
let output: Uint8Array = Buffer.from("hello\n");

const run: Engine["run"] = async (_id, command, options) => {
  asked.push({ command, options });
  await gate;
  return { exitCode: 3, output, isCut: true };
};
beforeEach(async () => {
  [asked, gate, output] = [[], Promise.resolve(), Buffer.from("hello\n")];
  api = buildApi((host) => ({ engine: { ...host.engine, run } }));
  id = await runningId(api);
});

const exec = (body: unknown, token = "ada") =>
  api.app.inject({
    ...{ method: "POST", url: `/v1/simulations/${id}/nodes/web/exec`, headers: signedBy(token, json) },
    body: JSON.stringify(body),
  });

describe("a command", () => {
  test("runs to its end, within a time and an output that are bounded", async () => {
    const answer = await exec({ command: ["cat", "", "a b"], timeoutSeconds: 5 });
    expect(answer.json()).toEqual({ exitCode: 3, output: "hello\n", isCut: true });
    const options = { outputBytesMax: 1024 * 1024, timeoutMilliseconds: 5_000 };
    expect(asked).toEqual([{ command: ["cat", "", "a b"], options }]);
    await exec({ command: ["true"] });
    expect(asked[1]).toMatchObject({ options: { timeoutMilliseconds: 30_000 } });
  });

  test("may print what is no text", async () => {
    output = Uint8Array.of(0x61, 0xff, 0xc3, 0x00, 0x1b);
    expect((await exec({ command: ["cat"] })).json()).toMatchObject({ output: "a\ufffd\ufffd\0\u001b" });
  });

  test.each([{}, { command: [] }, { command: ["a"], timeoutSeconds: 61 }, { command: ["a"], privileged: true }])(
    "is none: %j",
    async (body) => {
      expect((await exec(body)).json()).toMatchObject({ status: 400, code: "invalid-input" });
      expect(asked).toEqual([]);
    },
  );

  test("is one of five that a tenant may run at once", async () => {
    const open = Promise.withResolvers<undefined>();
    gate = open.promise.then(() => undefined);
    let refused = 0;
    const answers = Array.from({ length: 8 }, () => exec({ command: ["sleep", "1"] }));
    for (const answer of answers) void answer.then(({ statusCode }) => (refused += statusCode === 429 ? 1 : 0));
    while (refused < 3) await sleep(1);
    expect(asked).toHaveLength(5);
    open.resolve(undefined);
    const statuses = (await Promise.all(answers)).map(({ statusCode }) => statusCode).sort();
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
    expect((await exec({ command: ["true"] })).statusCode).toBe(200);
  });
});
