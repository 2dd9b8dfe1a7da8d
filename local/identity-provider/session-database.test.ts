import { mkdir } from "node:fs/promises";

import { afterEach, beforeEach, expect, it } from "vitest";

import { makeDataDirectory } from "./fixtures/running-provider.ts";
import { openSessionDatabase } from "./session-database.ts";
import type { SessionDatabase } from "./session-database.ts";

let data: Awaited<ReturnType<typeof makeDataDirectory>>;
let database: SessionDatabase;
let seconds: number;
const now = (): Date => new Date(seconds * 1000);
beforeEach(async () => {
  data = await makeDataDirectory();
  await mkdir(data.dataDirectory);
  seconds = 1_800_000_000;
  database = openSessionDatabase(data.dataDirectory, now);
});
afterEach(async () => {
  database.close();
  await data.remove();
});

it("finds a record by id and by uid, within its model only", async () => {
  const sessions = database.adapter("Session");
  await sessions.upsert("a", { uid: "u", accountId: "1" }, 10);
  expect(await sessions.find("a")).toEqual({ uid: "u", accountId: "1" });
  expect(await sessions.findByUid("u")).toMatchObject({ accountId: "1" });
  expect(await database.adapter("Grant").find("a")).toBeUndefined();
});

it("finds a record until it expires, and the newest of two", async () => {
  const codes = database.adapter("AuthorizationCode");
  await codes.upsert("a", { accountId: "1" }, 10);
  await codes.upsert("a", { accountId: "2" }, 20);
  seconds += 19;
  expect(await codes.find("a")).toEqual({ accountId: "2" });
  seconds += 1;
  expect(await codes.find("a")).toBeUndefined();
});

it("marks a record as consumed and keeps the rest of it", async () => {
  const codes = database.adapter("AuthorizationCode");
  await codes.upsert("a", { accountId: "1" }, 10);
  await codes.consume("a");
  expect(await codes.find("a")).toEqual({ accountId: "1", consumed: seconds });
});

it("revokes what came from one grant", async () => {
  const codes = database.adapter("AuthorizationCode");
  await codes.upsert("a", { grantId: "g" }, 10);
  await codes.upsert("b", { grantId: "h" }, 10);
  await codes.revokeByGrantId("g");
  expect(await codes.find("a")).toBeUndefined();
  expect(await codes.find("b")).toEqual({ grantId: "h" });
});

it("keeps records over a restart, except destroyed ones", async () => {
  const grants = database.adapter("Grant");
  await grants.upsert("a", { accountId: "1" }, 10);
  await grants.upsert("b", { accountId: "2" }, 10);
  await grants.destroy("b");
  database.close();
  database = openSessionDatabase(data.dataDirectory, now);
  expect(await database.adapter("Grant").find("a")).toEqual({ accountId: "1" });
  expect(await database.adapter("Grant").find("b")).toBeUndefined();
});
