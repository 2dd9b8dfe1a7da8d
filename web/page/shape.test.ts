import { describe, expect, it } from "vitest";
import { anyObject, flag, listOf, nullable, number, oneOf, optional, shape, text } from "./shape.ts";

const read = shape({
  name: text,
  size: number,
  isNew: flag,
  state: oneOf("on", "off"),
  note: optional(text),
  owner: nullable(shape({ id: text })),
  tags: listOf(text),
});
const good = { name: "a", size: 1, isNew: true, state: "on", owner: { id: "o" }, tags: ["x"] };

describe("shape", () => {
  it("gives what was asked for and leaves the rest out", () => {
    expect(read({ ...good, extra: 1 })).toEqual({ ...good, note: undefined });
    expect(read({ ...good, owner: null }).owner).toBeNull();
  });

  it.each([
    ["name", { name: 1 }, "value.name"],
    ["number", { size: "1" }, "value.size"],
    ["flag", { isNew: 1 }, "value.isNew"],
    ["word", { state: "half" }, "value.state"],
    ["optional", { note: null }, "value.note"],
    ["inner object", { owner: {} }, "value.owner.id"],
    ["list", { tags: "x" }, "value.tags"],
    ["item", { tags: ["x", 2] }, "value.tags[1]"],
  ])("names the place of a wrong %s", (_, change, place) => {
    expect(() => read({ ...good, ...change })).toThrow(`${place} is not`);
  });

  it.each([undefined, null, "text", 7])("refuses %j for an object", (value) => {
    expect(() => read(value)).toThrow("not an object");
    expect(() => anyObject(value)).toThrow("not an object");
  });
});
