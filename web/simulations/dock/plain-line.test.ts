import { expect, it } from "vitest";
import { plainLine } from "./plain-line.ts";

it.each([
  ["plain text stays", "a b\tc", "a b\tc"],
  ["colours go", "\u001b[31mred\u001b[0m and \u001b[38;2;1;2;3mtrue\u001b[m", "red and true"],
  ["titles go", "\u001b]0;a title\u0007text", "text"],
  ["bells and the like go", "a\u0007b\u0008c\r", "abc"],
])("%s", (_, line, plain) => {
  expect(plainLine(line)).toBe(plain);
});
