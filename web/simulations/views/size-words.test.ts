import { expect, it } from "vitest";
import { sizeWords } from "./size-words.ts";

it("says sizes as people do", () => {
  expect([0, 999, 6_777, 1_234_567].map(sizeWords)).toEqual(["0 bytes", "999 bytes", "6.8 kB", "1.2 MB"]);
});
