import { describe, expect, it } from "vitest";
import { fillVariables } from "./fill-variables.ts";

const values = new Map([
  ["NAME", "home"],
  ["EMPTY", ""],
]);

describe("variables of a compose file", () => {
  it.each([
    ["plain", "plain"],
    ["$NAME and ${NAME}", "home and home"],
    ["${NAME:?}", "home"],
    ["${NONE}", ""],
    ["${NONE:-other}", "other"],
    ["${EMPTY:-other}", "other"],
    ["${EMPTY-other}", ""],
    ["${NAME:+set}-${NONE:+set}", "set-"],
    ["cost: $$5, ${NAME-x}$$", "cost: $5, home$"],
    [`\${NONE:-${"x".repeat(1_000)}}`, "x".repeat(1_000)],
    ["${NONE:-http://localhost:8080/}", "http://localhost:8080/"],
    ["$1 ${ ${1x}", "$1 ${ ${1x}"],
  ])("%s becomes %s", (text, filled) => {
    expect(fillVariables(text, values)).toBe(filled);
  });
});
