import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PortTakenError } from "./port-taken.ts";
import { supervise } from "./supervised-part.ts";

let directory: string;
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), "kombify-part-"))));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const start = (source: string) => {
  const entry = join(directory, "part.mjs");
  writeFileSync(entry, source);
  return supervise({
    ...{ name: "the part", entry, config: {} },
    logFile: join(directory, "part.log"),
    onRestart: () => undefined,
  });
};

test("a part that finds its port taken says so, however it ended", async () => {
  const stranger = createServer().listen({ port: 0, host: "127.0.0.1" });
  await once(stranger, "listening");
  const { port } = stranger.address() as AddressInfo;
  const listening = start(`import { createServer } from "node:net"; createServer().listen(${port}, "127.0.0.1");`);
  await expect(listening).rejects.toBeInstanceOf(PortTakenError);
  stranger.close();
});

test("a part that ends for another reason does not speak of ports", async () => {
  const failing = start(`throw new Error("The configuration is wrong.");`);
  await expect(failing).rejects.toThrow(/^the part ended with code 1 before it was ready; see /);
  await expect(failing).rejects.not.toBeInstanceOf(PortTakenError);
});
