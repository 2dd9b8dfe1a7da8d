import { expect, test } from "vitest";
import { makeLineReader } from "./request-lines.ts";

test("lines come out whole, however they come in", () => {
  const text = Buffer.from('{"a":"ä"}\n\n{"b":2}\n{"c"');
  for (let size = 1; size <= text.length; size += 1) {
    const linesOf = makeLineReader();
    const lines: string[] = [];
    for (let offset = 0; offset < text.length; offset += size)
      lines.push(...linesOf(text.subarray(offset, offset + size)));
    expect(lines).toEqual(['{"a":"ä"}', '{"b":2}']);
    expect(linesOf(Buffer.from(":3}\n"))).toEqual(['{"c":3}']);
  }
});

test("a line without an end is not waited for", () => {
  const linesOf = makeLineReader();
  const piece = Buffer.alloc(512 * 1024, 0x20);
  linesOf(piece);
  linesOf(piece);
  expect(() => linesOf(piece)).toThrow(/does not end/);
});
