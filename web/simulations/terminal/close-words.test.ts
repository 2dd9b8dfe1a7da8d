import { expect, it } from "vitest";
import { closeWords } from "./close-words.ts";

it.each([
  [1000, "ended", "The program has ended."],
  [4408, "idle", "Nothing was typed or shown for a quarter of an hour, so the terminal was closed."],
  [1001, "closing", "The simulation host is being restarted. Open the terminal again in a moment."],
  [4401, "ticket-invalid", "It took too long to open the terminal."],
  [1006, "", "The connection was refused or lost."],
  [1011, "toString", "The terminal was closed."],
])("says of %d %s what people can make of it", (code, reason, words) => {
  expect(closeWords({ code, reason })).toBe(words);
});
