import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

const Plugin = z.looseObject({ name: z.string(), config: z.record(z.string(), z.unknown()).default({}) });
const Route = z.looseObject({
  name: z.string(),
  paths: z.array(z.string()),
  methods: z.array(z.string()),
  strip_path: z.boolean().optional(),
  plugins: z.array(Plugin),
});
const Service = z.looseObject({
  name: z.string(),
  url: z.string(),
  retries: z.number().optional(),
  read_timeout: z.number(),
  plugins: z.array(Plugin).default([]),
  routes: z.array(Route),
});
const Document = z.looseObject({ services: z.array(Service), plugins: z.array(Plugin) });

const text = await readFile(resolve(import.meta.dirname, "../../kong/kong.yml"), "utf8");
const document = Document.parse(parse(text));
const routes = document.services.flatMap((service) => service.routes.map((route) => ({ ...route, service })));
const routeCases = routes.map((route) => [route.name, route] as const);
const allPlugins = [
  ...document.plugins,
  ...document.services.flatMap(({ plugins }) => plugins),
  ...routes.flatMap(({ plugins }) => plugins),
];
const configOf = (route: z.infer<typeof Route>, name: string) =>
  route.plugins.find((plugin) => plugin.name === name)?.config;
const modeOf = (route: z.infer<typeof Route>) =>
  configOf(route, "kombify-auth")?.["mode"] ?? configOf(route, "kombify-stack")?.["mode"];

/** Who may come in without a user's token. A new public route is a decision: it has to be written here too. */
const publicPaths = [
  "~/$",
  "~/console(/|$)",
  "~/kits(/|$)",
  "~/simulations(/|$)",
  "~/callback$",
  "~/health$",
  "~/ready$",
  String.raw`~/\.well-known/jwks\.json$`,
  "~/api/internal/sso/exchange$",
  "~/api/webhooks/zitadel$",
  "~/api/internal/token-complement$",
  "~/admin(/|$)",
  "~/api/tools$",
  "~/api/tools/[a-z0-9-]+$",
  "~/api/categories$",
  String.raw`~/schemas/stackkit/v1\.json$`,
  String.raw`~/\.well-known/stackkit-keys\.json$`,
  // By a ticket for one use, which sim-host gave to the same person a moment ago.
  "~/v1/simulation-terminals(/|$)",
  String.raw`~/schemas/simulation/v1\.json$`,
  "~/api/internal/instances/[a-z0-9-]+/health$",
  "~/api/webhooks/stripe$",
];

describe("kong.yml", () => {
  it.each(routeCases)("route %s decides explicitly who may come in", (_, route) => {
    const guards = route.plugins.filter(({ name }) => name === "kombify-auth" || name === "kombify-stack");
    expect(guards).toHaveLength(1);
    const modes = guards[0]?.name === "kombify-stack" ? ["stack"] : ["required", "strip"];
    expect(modes).toContain(modeOf(route));
  });

  it("opens exactly the public paths to strangers", () => {
    const open = routes.filter((route) => modeOf(route) === "strip").flatMap(({ paths }) => paths);
    expect(open.toSorted()).toEqual(publicPaths.toSorted());
  });

  it.each(routeCases)("route %s has anchored, case-exact regular expressions", (_, route) => {
    for (const path of route.paths) expect(path).toMatch(/^~\/.*(\$|\(\/\|\$\))$/);
    expect(route.methods.length).toBeGreaterThan(0);
  });

  it.each([
    "/nobody/asked/for/this",
    "/api/tenantsXYZ",
    "/API/ADMIN/x",
    "/Admin",
    "/administrator",
    "/api/internal/users/1",
    "/v1/simulation",
    "/v1/simulationsXYZ",
    "/V1/simulations",
    "/v1/simulation-schemas",
    "/simulationsXYZ",
    "/metrics",
  ])("no route matches %s", (path) => {
    const matching = routes.filter(({ paths }) => paths.some((each) => new RegExp(`^${each.slice(1)}`).test(path)));
    expect(matching.map(({ name }) => name)).toEqual([]);
  });

  it("keeps every path but the dashboard's, which leads away from the Functions host's own /admin", () => {
    const stripping = routes.filter(({ strip_path }) => strip_path !== false);
    expect(stripping.map(({ name, service }) => [name, new URL(service.url).pathname])).toEqual([
      ["dashboard", "/dashboard"],
    ]);
    expect(document.services.map(({ url }) => new URL(url).pathname).filter((path) => path !== "/")).toHaveLength(1);
  });

  it("hands the query's code on to the page that signs people in itself, and to nobody else", () => {
    const keeping = routes.filter((route) => configOf(route, "kombify-auth")?.["keeps_code"] === true);
    expect(keeping.map(({ name }) => name)).toEqual(["dashboard"]);
  });

  it.each(routeCases)("route %s limits rate and size, by user where there is one", (_, route) => {
    const rate = configOf(route, "rate-limiting");
    expect(rate).toMatchObject({ policy: "local", limit_by: modeOf(route) === "required" ? "credential" : "ip" });
    expect(configOf(route, "request-size-limiting")).toHaveProperty("allowed_payload_size");
  });

  it("retries nothing", () => {
    expect(document.services.map(({ retries }) => retries)).toEqual(document.services.map(() => 0));
  });

  it("runs guards on routes only, where no other instance can replace them unseen", () => {
    const elsewhere = [...document.plugins, ...document.services.flatMap(({ plugins }) => plugins)];
    expect(elsewhere.map(({ name }) => name).toSorted()).toEqual(["correlation-id", "cors", "kombify-problem"]);
  });

  it("uses the listed plugins only, and no free Lua", () => {
    const names = [...new Set(allPlugins.map(({ name }) => name))].toSorted();
    expect(names).toEqual([
      "correlation-id",
      "cors",
      "kombify-auth",
      "kombify-problem",
      "kombify-stack",
      "rate-limiting",
      "request-size-limiting",
    ]);
  });

  it("loads those plugins in the compose file", async () => {
    const compose = await readFile(resolve(import.meta.dirname, "../../kong/compose.yml"), "utf8");
    const loaded = /KONG_PLUGINS: "?([a-z,-]+)"?/.exec(compose)?.[1]?.split(",").toSorted();
    expect(loaded).toEqual([...new Set(allPlugins.map(({ name }) => name))].toSorted());
  });

  it("takes every secret and address of the issuer from the environment, and only where Kong resolves references", () => {
    const references = new Set([...text.matchAll(/\{vault:\/\/env\/([a-z-]+)\}/g)].map((match) => match[1]));
    expect([...references].toSorted()).toEqual([
      "kombify-audience",
      "kombify-functions-key",
      "kombify-issuer",
      "kombify-jwks-uri",
      "kombify-sim-host-key",
      "kombify-stack-zone",
    ]);
    const own = allPlugins.filter(({ name }) => name === "kombify-auth" || name === "kombify-stack");
    const others = allPlugins.filter((plugin) => !own.includes(plugin));
    expect(JSON.stringify(others)).not.toContain("{vault:");
  });

  it("sends the function key to the functions and nowhere else, and sim-host a key of its own", () => {
    const keysOf = (route: (typeof routes)[number]) => {
      const { functions_key, gateway_key } = configOf(route, "kombify-auth") ?? {};
      return [route.service.name, functions_key, gateway_key];
    };
    const functionsKey = "{vault://env/kombify-functions-key}";
    const keys = new Set(routes.map((route) => JSON.stringify(keysOf(route))));
    expect([...keys].map((each): unknown => JSON.parse(each))).toEqual([
      ["functions", functionsKey, null],
      ["dashboard", functionsKey, null],
      ["sim-host", null, "{vault://env/kombify-sim-host-key}"],
      ["stacks", null, null],
    ]);
  });

  it.each(["stack", "simulations", "simulation-terminal"])("leaves %s open for an hour of silence", (streaming) => {
    const route = routes.find(({ name }) => name === streaming);
    expect(route).toMatchObject({ response_buffering: false, request_buffering: false });
    expect(route?.service.read_timeout).toBe(3_600_000);
  });
});
