import { describe, expect, it } from "vitest";
import type { RegisteredFunction } from "../core/rpc.ts";
import { decodePath, routingPath, splitTarget } from "./request-path.ts";
import { buildRouteTable } from "./route-table.ts";
import { compileRoute } from "./route-template.ts";

describe("a route template", () => {
  it.each([
    ["items/{id}", "ITEMS/7", { id: "7" }],
    ["items/{id}", "items", undefined],
    ["items/{id}", "items/1/2", undefined],
    ["items/{id?}", "items", {}],
    ["items/{id=5}", "items", { id: "5" }],
    ["items/{a?}/{b?}", "items/1", { a: "1" }],
    ["items/{a?}/{b?}", "items/1/2", { a: "1", b: "2" }],
    ["{lang?}/items", "items", undefined],
    ["{*rest}", "", {}],
    ["files/{*rest}", "files", {}],
    ["files/{*rest}", "files/a/b", { rest: "a/b" }],
    ["a-{x}", "A-1", { x: "1" }],
    ["{x}-{y}", "1-2-3", { x: "1-2", y: "3" }],
    ["v1.0/x", "v1a0/x", undefined],
    ["", "", {}],
    ["{id:int}", "2147483648", undefined],
    ["{id:int}", "-5", { id: "-5" }],
    ["{id:long}", "9223372036854775807", { id: "9223372036854775807" }],
    ["{id:long}", "9223372036854775808", undefined],
    ["{id:guid}", "6F9619FF-8B86-D011-B42D-00CF4FC964FF", { id: "6F9619FF-8B86-D011-B42D-00CF4FC964FF" }],
    ["{id:guid}", "6f9619ff", undefined],
    ["{id:bool}", "TRUE", { id: "TRUE" }],
    ["{id:alpha}", "abc1", undefined],
    ["{id:decimal}", "1.5", { id: "1.5" }],
    ["{id:double}", "1e3", { id: "1e3" }],
    ["{id:datetime}", "2026-01-02", { id: "2026-01-02" }],
    ["{id:datetime}", "soon", undefined],
    ["{id:min(3)}", "2", undefined],
    ["{id:max(3)}", "3", { id: "3" }],
    ["{id:range(1,3)}", "4", undefined],
    ["{id:length(2,3)}", "abcd", undefined],
    ["{id:length(2)}", "ab", { id: "ab" }],
    ["{id:minlength(2)}", "a", undefined],
    ["{id:maxlength(2):alpha}", "ab", { id: "ab" }],
    ["{id:int:min(3)?}", "", {}],
    ["{id:regex(^\\d{{2}}$)}", "12", { id: "12" }],
    ["{id:regex(^\\d{{2}}$)}", "123", undefined],
    ["{id:regex(^(a|b)c$):length(2)}", "Bc", { id: "Bc" }],
  ])("%s against %j gives %o", (template, path, values) => {
    expect(compileRoute(template)(path)).toEqual(values);
  });

  it.each([
    "{id",
    "id}/{x",
    "{a}/{A}",
    "{*rest}/x",
    "{id:nosuch}",
    "{id:min(x)}",
    "{id:length(1,2,3)}",
    "a{id?}",
    "{}",
  ])("refuses %s", (template) => {
    expect(() => compileRoute(template)).toThrow(Error);
  });
});

describe("a request target", () => {
  it.each([
    ["/a?b=1", { path: "/a", search: "?b=1" }],
    ["http://x/a?b", { path: "/a", search: "?b" }],
    ["*", undefined],
  ])("splits %s", (target, expected) => {
    expect(splitTarget(target)).toEqual(expected);
  });

  it.each([
    ["a%20b", "a b"],
    ["a%2Fb%2f%41", "a%2Fb%2fA"],
    ["a%zz%C3", "a%zz%C3"],
  ])("decodes %s as Kestrel does", (path, expected) => {
    expect(decodePath(path)).toBe(expected);
  });

  it.each([
    ["/", ""],
    ["/a/", "a"],
    ["/a//", "a/"],
  ])("compares %s as %j", (path, expected) => {
    expect(routingPath(path)).toBe(expected);
  });
});

const httpFunction = (name: string, options: object): RegisteredFunction => ({
  id: name,
  name,
  bindings: { request: { type: "httpTrigger", direction: "in", ...options } },
  hasRetryOptions: false,
  callback: () => undefined,
});

describe("the routes of an app", () => {
  it("are tried in function-name order, without regard to case or to how exact they are", () => {
    const table = buildRouteTable(
      [httpFunction("Zlatest", { route: "items/latest" }), httpFunction("aItem", { route: "items/{id}" })],
      "",
    );
    expect(table.find("GET", "items/latest")?.route.registered.name).toBe("aItem");
  });

  it("go by the method as well as by the path", () => {
    const table = buildRouteTable(
      [httpFunction("read", { route: "x", methods: ["GET"] }), httpFunction("write", { route: "x", methods: ["put"] })],
      "/api/",
    );
    expect(table.find("PUT", "api/x")?.route.registered.name).toBe("write");
    expect(table.find("POST", "api/x")).toBeUndefined();
    expect(table.errors.size).toBe(0);
  });

  it("use the function's name, and GET and POST, by default", () => {
    const table = buildRouteTable([httpFunction("plain", {})], "api");
    expect(table.find("POST", "api/plain")?.route.authLevel).toBe("anonymous");
    expect(table.find("PUT", "api/plain")).toBeUndefined();
  });

  it.each([
    ["admin", "The specified route conflicts with one or more built in routes."],
    ["/Runtime/x", "The specified route conflicts with one or more built in routes."],
    ["SAME", "The route specified conflicts with the route defined by function 'a'."],
    ["{id:nosuch}", 'The route constraint "nosuch" is not known.'],
  ])("leave out a function whose route is %s", (route, error) => {
    const table = buildRouteTable([httpFunction("a", { route: "same" }), httpFunction("b", { route })], "");
    expect([...table.errors]).toEqual([["b", error]]);
    expect(table.routes).toHaveLength(1);
  });
});
