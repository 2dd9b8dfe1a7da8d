import { readFileSync } from "node:fs";
import azure from "@azure/functions";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { describeCatalog } from "../../scripts/function-manifest.ts";

const Kong = z.object({
  services: z.array(
    z.object({
      name: z.string(),
      url: z.url(),
      routes: z.array(z.object({ name: z.string(), paths: z.array(z.string()), methods: z.array(z.string()) })),
    }),
  ),
});

const routes = Kong.parse(parse(readFileSync("kong/kong.yml", "utf8"), { merge: true }))
  .services.filter(({ url }) => new URL(url).hostname === "functions.internal")
  .flatMap(({ url, routes: found }) => found.map((route) => ({ ...route, base: new URL(url).pathname })));

const { http } = describeCatalog();

/** A template without the parameter that stands for an empty path: the host serves `/` itself otherwise. */
const plain = (route: string): string => route.replace(/\{\w+:maxlength\(0\)\?\}|\{\*\w+:maxlength\(0\)\}/g, "");

/** A path as a client would ask for it. */
const examplePath = (route: string): string => `/${plain(route).replace(/\{\*?(\w+)(:[^}]*)?\??\}/g, "some-$1")}`;

/** What the gateway turns into this path: it puts `/dashboard` in the place of `/admin` (kong.yml). */
const publicPath = (path: string, base: string): string =>
  base !== "/" && path.startsWith(base) ? `/admin${path.slice(base.length)}` : path;

const ofTheGateway = http.filter(({ access }) => access !== "service");

test.each(ofTheGateway.map(({ name, method, route }) => ({ name, method, path: examplePath(route) })))(
  "$method $path ($name) is reached through the gateway",
  ({ method, path }) => {
    const matching = routes.filter(({ paths, base }) =>
      paths.some((pattern) => new RegExp(`^${pattern.slice(1)}`).test(publicPath(path, base))),
    );
    expect(matching.some(({ methods }) => methods.includes(method))).toBe(true);
  },
);

const ofServices = http.filter(({ access }) => access === "service");

test.each(ofServices.map((entry) => [entry.name, entry] as const))(
  "%s is for services: no route of the gateway leads there, and nobody gets in without a key",
  async (_, { method, route, handler }) => {
    const path = examplePath(route);
    const matching = routes.filter(({ paths }) =>
      paths.some((pattern) => new RegExp(`^${pattern.slice(1)}`).test(path)),
    );
    expect(matching).toEqual([]);
    const url = `http://functions.internal${path}`;
    const context = new azure.InvocationContext();
    for (const authorization of ["", "Bearer ksk_wrong", "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln", "Basic ksk_wrong"]) {
      const request = new azure.HttpRequest({ method, url, headers: { authorization } });
      await expect(handler(request, context)).rejects.toMatchObject({ code: "unauthenticated" });
    }
  },
);

test("names are unique, and no two entries share method and route", () => {
  expect(new Set(http.map(({ name }) => name)).size).toBe(http.length);
  expect(new Set(http.map(({ method, route }) => `${method} ${route.toLowerCase()}`)).size).toBe(http.length);
});

test("only what anybody may see is open without the gateway's key", () => {
  const open = http.filter(({ access }) => access === "anyone").map(({ route }) => route);
  expect(open.sort()).toEqual([".well-known/jwks.json", "health", "ready"]);
});

/** `first match wins in function-name order`: a parameter must not swallow a literal that comes later (host behaviour). */
test("no entry hides another one of the same method", () => {
  const ordered = http.toSorted((one, other) => one.name.toLowerCase().localeCompare(other.name.toLowerCase()));
  const hidden = ordered.flatMap((entry, index) =>
    ordered.slice(0, index).filter(({ method, route }) => {
      const pattern = new RegExp(
        `^${plain(route)
          .replace(/\{\*\w+\}/g, ".*")
          .replace(/\{[^}]+\}/g, "[^/]+")}$`,
        "i",
      );
      return method === entry.method && pattern.test(entry.route);
    }),
  );
  expect(hidden.map(({ name }) => name)).toEqual([]);
});
