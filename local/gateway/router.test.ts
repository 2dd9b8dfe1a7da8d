import { expect, test } from "vitest";
import type { GatewayRoute } from "./read-kong-config.ts";
import { upstreamPath } from "./router.ts";

const route = (pattern: RegExp, stripsPath: boolean, basePath: string): GatewayRoute => ({
  name: "route",
  patterns: [pattern],
  methods: new Set(["GET"]),
  regexPriority: 0,
  stripsPath,
  service: {
    ...{ name: "service", url: new URL("http://127.0.0.1:1"), absence: undefined, basePath },
    ...{ connectTimeoutMilliseconds: 1, writeTimeoutMilliseconds: 1, readTimeoutMilliseconds: 1 },
  },
  plugins: {},
});

// Kong's own table of strip_path and service path, as far as the routes of kong.yml have such forms.
test.each([
  ["/admin", true, "/dashboard", "/dashboard"],
  ["/admin/", true, "/dashboard", "/dashboard/"],
  ["/admin/sign-in", true, "/dashboard", "/dashboard/sign-in"],
  ["/admin", true, "", "/"],
  ["/admin/sign-in", false, "/dashboard", "/dashboard/admin/sign-in"],
  ["/admin/sign-in", false, "", "/admin/sign-in"],
])("%s with strip_path %s below %j is asked for as %s", (path, stripsPath, basePath, wanted) => {
  expect(upstreamPath(route(/^\/admin(\/|$)/, stripsPath, basePath), path)).toBe(wanted);
});
