import { describe, expect, it } from "vitest";
import { parseResourceFilter } from "./resource-filter.ts";

const resource = {
  name: "stack-1",
  type: "Microsoft.App/containerApps",
  location: "westeurope",
  tags: { owner: "O'Hara and sons" },
};

describe("parseResourceFilter", () => {
  it.each([
    ["", true],
    ["tagName eq 'owner'", true],
    ["tagName eq 'OWNER' and tagValue eq 'O''Hara and sons'", true],
    ["tagName eq 'owner' and tagValue eq 'o''hara and sons'", false],
    ["tagName eq 'other'", false],
    ["resourceType eq 'microsoft.app/containerapps' and location eq 'westeurope'", true],
    ["name eq 'stack-2'", false],
  ])("%s: %s", (filter, expected) => {
    expect(parseResourceFilter(filter)(resource)).toBe(expected);
  });

  it.each(["tagValue eq 'x'", "name ne 'x'", "substringof('x', name)", "name eq 'a' or name eq 'b'", "name eq 'a"])(
    "refuses %s rather than answering too much",
    (filter) => {
      expect(() => parseResourceFilter(filter)).toThrow();
    },
  );
});
