import { existsSync, readFileSync } from "node:fs";
import PocketBase from "pocketbase";
import { afterEach, describe, expect, it } from "vitest";
import { isPocketBaseHealthy } from "../process/pocketbase-process.ts";
import { listPocketBases } from "../process/pocketbase-table.ts";
import { startTestPocketBase, type TestPocketBase } from "./test-pocketbase.ts";

let server: TestPocketBase | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const superuserClient = async (at: TestPocketBase): Promise<PocketBase> => {
  const client = new PocketBase(at.url);
  await client.collection("_superusers").authWithPassword(at.email, at.password);
  return client;
};

describe("a PocketBase process", () => {
  it("keeps its data and port over kill and restart, and is one process on its directory", async () => {
    server = await startTestPocketBase();
    const client = await superuserClient(server);
    await client.collections.create({ name: "notes", type: "base", fields: [{ name: "text", type: "text" }] });
    await client.collection("notes").create({ text: "kept" });
    await server.kill();
    expect(await isPocketBaseHealthy(server.url)).toBe(false);
    expect(listPocketBases(server.dataDirectory)).toEqual([]);

    await server.restart();

    expect((await client.collection("notes").getFullList<{ text: string }>()).map((note) => note.text)).toEqual([
      "kept",
    ]);
    expect(listPocketBases(server.dataDirectory).map(({ port }) => port)).toEqual([Number(new URL(server.url).port)]);
  });

  it("does not print statements or the password, even though it runs from a cache directory", async () => {
    server = await startTestPocketBase();
    await superuserClient(server);
    const log = readFileSync(server.logPath, "utf8");
    expect(log).toContain("Server started");
    expect(log).not.toMatch(/SELECT|INSERT/);
    expect(log).not.toContain(server.password);
  });

  it("leaves nothing behind when stopped", async () => {
    const stopped = await startTestPocketBase();
    await stopped.stop();
    expect(existsSync(stopped.dataDirectory)).toBe(false);
    expect(listPocketBases(stopped.dataDirectory)).toEqual([]);
  });
});
