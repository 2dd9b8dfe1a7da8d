import { createHash } from "node:crypto";
import { assert, integer, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { readByteRange } from "./byte-range.ts";
import { planDownload } from "./plan-download.ts";

const sha256 = createHash("sha256").update("kit").digest("hex");
const archive = { fileName: "media-1.0.0.tar.gz", sizeBytes: 1000, sha256 };
const etag = `"sha256-${sha256}"`;
const none = { range: null, ifRange: null, ifNoneMatch: null };

describe("a download", () => {
  it("answers with the whole file, its digest and its tag", () => {
    const plan = planDownload(archive, none);
    expect(plan).toMatchObject({ status: 200, read: { start: 0, end: 999 } });
    expect(plan.headers).toMatchObject({
      etag,
      "content-length": "1000",
      "repr-digest": `sha-256=:${createHash("sha256").update("kit").digest("base64")}:`,
    });
  });

  it.each([
    ["bytes=400-", 400, 999],
    ["bytes=0-0", 0, 0],
    ["bytes=-10", 990, 999],
    ["bytes=-5000", 0, 999],
    ["bytes=990-5000", 990, 999],
  ])("resumes with %s", (range, start, end) => {
    const plan = planDownload(archive, { ...none, range, ifRange: etag });
    expect(plan).toMatchObject({ status: 206, read: { start, end } });
    expect(plan.headers["content-range"]).toBe(`bytes ${start}-${end}/1000`);
  });

  it.each(["bytes=1000-", "bytes=-0", "bytes=99999-100000"])("refuses %s, saying how long the file is", (range) => {
    const plan = planDownload(archive, { ...none, range });
    expect(plan).toMatchObject({ status: 416, headers: { "content-range": "bytes */1000" } });
    expect(plan.headers).not.toHaveProperty("repr-digest");
    expect(plan.read).toBeUndefined();
  });

  it.each(["bytes=5-2", "bytes=0-1,4-5", "lines=1-2", "bytes=a-b", "bytes=-", "bytes= 1-2"])(
    "answers %s, which is no range it knows, with everything",
    (range) => {
      expect(planDownload(archive, { ...none, range }).status).toBe(200);
    },
  );

  it("starts again when the file is another one, or its tag is weak", () => {
    expect(planDownload(archive, { ...none, range: "bytes=5-", ifRange: '"old"' }).status).toBe(200);
    expect(planDownload(archive, { ...none, range: "bytes=5-", ifRange: `W/${etag}` }).status).toBe(200);
  });

  it.each([etag, `W/${etag}`, `"x", ${etag}`, "*"])("sends nothing again to who has it: %s", (ifNoneMatch) => {
    const plan = planDownload(archive, { ...none, range: "bytes=5-", ifNoneMatch });
    expect(plan.status).toBe(304);
    expect(plan.read).toBeUndefined();
  });

  it("never reads outside the file, whatever is asked", () => {
    assert(
      property(string(), integer({ min: 1, max: 2000 }), integer({ min: 0, max: 3000 }), (text, size, from) => {
        for (const header of [text, `bytes=${from}-`, `bytes=-${from}`, `bytes=${from}-${size}`]) {
          const range = readByteRange(header, size);
          if (range.kind === "part")
            expect(range.start >= 0 && range.start <= range.end && range.end < size).toBe(true);
        }
      }),
    );
  });
});
