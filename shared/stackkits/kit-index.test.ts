import { describe, expect, it } from "vitest";
import type { KitIndexVersion } from "./kit-index.ts";
import { newestOf } from "./kit-index.ts";

const version = (text: string): KitIndexVersion => ({
  ...{ version: text.replace("!", ""), publishedAt: "2026-01-01T00:00:00.000Z", sizeBytes: 1, sha256: "ab" },
  ...{ archive: "a", signature: "s", yankedAt: text.startsWith("!") ? "2026-01-02T00:00:00.000Z" : null },
});

describe("the version that is meant when none is named", () => {
  it.each([
    ["2.0.0 1.0.0", "2.0.0"],
    ["2.0.0-rc.1 1.0.0", "1.0.0"],
    ["!2.0.0 1.1.0-beta 1.0.0", "1.0.0"],
    ["2.0.0-rc.2 2.0.0-rc.1 !1.0.0", "2.0.0-rc.2"],
    ["!1.0.0", undefined],
  ])("of %s is %s", (versions, wanted) => {
    expect(newestOf(versions.split(" ").map(version))?.version).toBe(wanted);
  });
});
