import { beforeEach, expect, test } from "vitest";
import { sqliteDocumentStore } from "../adapters/sqlite/document-store.ts";
import type { UniqueNames } from "./unique-names.ts";
import { openUniqueNames } from "./unique-names.ts";

let now = 0;
let names: UniqueNames;
const inMinutes = (count: number): string => new Date(now + count * 60_000).toISOString();

beforeEach(() => {
  now = Date.UTC(2026, 0, 1);
  names = openUniqueNames(sqliteDocumentStore(":memory:"), () => new Date(now));
});

test("of 50 owners at once exactly one gets the name", async () => {
  const owners = Array.from({ length: 50 }, (_, index) => `owner-${index}`);
  const results = await Promise.all(owners.map((owner) => names.reserve("slug:acme", owner, inMinutes(10))));
  expect(results.filter(Boolean)).toHaveLength(1);
  expect(await names.ownerOf("slug:acme")).toBe(owners[results.indexOf(true)]);
});

test("an owner may reserve again; a reservation that has lapsed goes to the next", async () => {
  expect(await names.reserve("slug:acme", "one", inMinutes(10))).toBe(true);
  expect(await names.reserve("slug:acme", "one", inMinutes(10))).toBe(true);
  expect(await names.reserve("slug:acme", "two", inMinutes(10))).toBe(false);
  now += 11 * 60_000;
  expect(await names.ownerOf("slug:acme")).toBeUndefined();
  expect(await names.reserve("slug:acme", "two", inMinutes(10))).toBe(true);
  expect(await names.hold("slug:acme", "one")).toBe(false);
});

test("a held name never lapses and is released by its owner only", async () => {
  await names.reserve("slug:acme", "one", inMinutes(10));
  expect(await names.hold("slug:acme", "one")).toBe(true);
  now += 365 * 24 * 60 * 60_000;
  expect(await names.reserve("slug:acme", "two", inMinutes(10))).toBe(false);
  await names.release("slug:acme", "two");
  expect(await names.ownerOf("slug:acme")).toBe("one");
  await names.release("slug:acme", "one");
  expect(await names.reserve("slug:acme", "two", inMinutes(10))).toBe(true);
});

test("of 50 uses at once exactly one is the first, and a later one is none", async () => {
  const uses = await Promise.all(Array.from({ length: 50 }, () => names.consume("jti:token", inMinutes(1))));
  expect(uses.filter(Boolean)).toHaveLength(1);
  now += 60 * 60_000;
  expect(await names.consume("jti:token", inMinutes(1))).toBe(false);
});

test("sweeping removes what has lapsed and keeps what is held", async () => {
  await names.reserve("slug:held", "one", inMinutes(1));
  await names.hold("slug:held", "one");
  await names.reserve("slug:lapsed", "one", inMinutes(1));
  await names.consume("jti:used", inMinutes(1));
  await names.consume("jti:fresh", inMinutes(30));
  now += 2 * 60_000;
  expect(await names.sweep(100)).toBe(2);
  expect(await names.ownerOf("slug:held")).toBe("one");
  expect(await names.consume("jti:fresh", inMinutes(30))).toBe(false);
});
