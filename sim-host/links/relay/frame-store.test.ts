import { expect, test } from "vitest";
import { makeFrameStore } from "./frame-store.ts";

test("a copy keeps its bytes when the buffer it came from is used again", () => {
  const store = makeFrameStore(1_000_000);
  const buffer = Buffer.from("first");
  const kept = store.keep(buffer);
  buffer.write("other");
  expect(kept?.toString("latin1", 0, 5)).toBe("first");
});

test("there is room for so many bytes, and again when copies are given back", () => {
  const store = makeFrameStore(10 * 2048);
  const kept = Array.from({ length: 10 }, () => store.keep(Buffer.alloc(1514)));
  expect(kept.every((copy) => copy !== undefined)).toBe(true);
  expect(store.keep(Buffer.alloc(60))).toBeUndefined();
  store.giveBack(kept[0]!);
  expect(store.keep(Buffer.alloc(60))).toBe(kept[0]);
  expect(store.keep(Buffer.alloc(60))).toBeUndefined();
});

test("frames of any size have room, and count as what they take", () => {
  const store = makeFrameStore(70_000);
  const large = store.keep(Buffer.alloc(65_000, 7));
  expect(large?.length).toBe(65_000);
  expect(store.keep(Buffer.alloc(9000))).toBeUndefined();
  store.giveBack(large!);
  expect(store.keep(Buffer.alloc(9000))?.length).toBe(9000);
});
