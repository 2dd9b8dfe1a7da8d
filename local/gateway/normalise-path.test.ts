import { describe, expect, it } from "vitest";
import { escapePath, normalisePath } from "./normalise-path.ts";

describe("a path as Kong sees it", () => {
  it.each([
    ["/", "/"],
    ["/api/tenant", "/api/tenant"],
    ["/api/tenant/", "/api/tenant/"],
    ["//api///tenant//", "/api/tenant/"],
    ["/a/./b/.", "/a/b/"],
    ["/a/../b", "/b"],
    ["/a/b/..", "/a/"],
    ["/../../a", "/a"],
    ["/%2e%2E/a", "/a"],
    ["/api/%74enant", "/api/tenant"],
    ["/a%2fb%2F..", "/a%2Fb%2F.."],
    ["/a%252fb", "/a%252fb"],
    ["/a%3fb%23c", "/a%3Fb%23c"],
    ["/%zz%4", "/%zz%4"],
    ["/...", "/..."],
  ])("%s becomes %s", (path, normalised) => {
    expect(normalisePath(path)).toBe(normalised);
  });

  it.each([
    ["/a%20b", "/a%20b"],
    ["/%c3%a4", "/%C3%A4"],
    ["/%00", "/%00"],
    ["/%0d%0aX", "/%0D%0AX"],
    ["/a%5cb", "/a%5Cb"],
    ["/a%2fb", "/a%2Fb"],
  ])("%s goes on as %s: what was decoded for matching is safe again", (path, sent) => {
    expect(escapePath(normalisePath(path))).toBe(sent);
  });
});
