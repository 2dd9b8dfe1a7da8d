import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readKongConfig } from "./read-kong-config.ts";

const vault = { KEY: "secret", EMPTY: "" };
const route = {
  name: "r",
  paths: ["~/a$"],
  methods: ["GET"],
  strip_path: false,
  plugins: [{ name: "kombify-auth", config: { mode: "strip", functions_key: "{vault://env/key}" } }],
};
const service = {
  name: "functions",
  url: "http://functions.internal:7071",
  retries: 0,
  connect_timeout: 1,
  write_timeout: 2,
  read_timeout: 3,
  routes: [route],
};
const size = (bytes: number) => ({
  name: "request-size-limiting",
  config: { allowed_payload_size: bytes, size_unit: "bytes" },
});
const withRoute = (change: object) => ({ services: [{ ...service, routes: [{ ...route, ...change }] }] });
const withAuth = (config: object) => withRoute({ plugins: [{ name: "kombify-auth", config }] });
const cors = (change: object) => ({
  plugins: [
    {
      name: "cors",
      config: {
        origins: ["https://a.example"],
        methods: ["GET"],
        headers: ["a"],
        credentials: false,
        max_age: 1,
        ...change,
      },
    },
  ],
});

describe("reading Kong's declarative file", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "kombify-kong-"));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  const read = async (change: object, settings: object = {}) => {
    const file = join(folder, "kong.yml");
    await writeFile(file, JSON.stringify({ _format_version: "3.0", services: [service], plugins: [], ...change }));
    return readKongConfig(file, { vault, serviceUrls: {}, ...settings });
  };

  it.each([
    ["a plugin", withRoute({ plugins: [{ name: "pre-function", config: {} }] }), /plugins\[0\].*pre-function/],
    ["an option of a plugin", { plugins: [{ ...size(1), enabled: false }] }, /plugins\[0\]:.*not implemented.*enabled/],
    [
      "a field of a plugin's config",
      withAuth({ mode: "strip", functions_key: "x", anonymous: "y" }),
      /config: not implemented.*anonymous/,
    ],
    ["a route field", withRoute({ hosts: ["a"] }), /services\[0\]\.routes\[0\]: not implemented.*hosts/],
    ["a service field", { services: [{ ...service, tls_verify: true }] }, /services\[0\]: not implemented.*tls_verify/],
    ["a top-level entity", { consumers: [] }, /not implemented.*consumers/],
    [
      "a deep service path",
      { services: [{ ...service, url: "http://functions.internal/a/b" }] },
      /only a path of one segment/,
    ],
    ["a prefix path", withRoute({ paths: ["/a"] }), /only regular expression paths/],
    ["retries", { services: [{ ...service, retries: 5 }] }, /only retries: 0/],
    [
      "another rate policy",
      { plugins: [{ name: "rate-limiting", config: { minute: 1, policy: "redis", limit_by: "ip" } }] },
      /only the local policy/,
    ],
    ["credentials over CORS", cors({ credentials: true }), /only credentials: false/],
    ["a wildcard origin", cors({ origins: ["*"] }), /only literal origins/],
    ["an auth without a key", withAuth({ mode: "strip" }), /exactly one of functions_key and gateway_key/],
    [
      "an auth with two keys",
      withAuth({ mode: "strip", functions_key: "x", gateway_key: "y" }),
      /exactly one of functions_key and gateway_key/,
    ],
    [
      "a gateway's key that is not set",
      withAuth({ mode: "strip", gateway_key: "{vault://env/not-there}" }),
      /no value for NOT_THERE/,
    ],
    ["an auth without a mode", withAuth({ functions_key: "x" }), /config/],
    [
      "keys over plain http",
      withAuth({
        mode: "required",
        issuer: "i",
        audiences: ["a"],
        functions_key: "k",
        jwks_uri: "http://id.example/keys",
      }),
      /https/,
    ],
    [
      "a secret that is not set",
      withAuth({ mode: "strip", functions_key: "{vault://env/not-there}" }),
      /no value for NOT_THERE/,
    ],
    ["a secret that is empty", withAuth({ mode: "strip", functions_key: "{vault://env/empty}" }), /no value for EMPTY/],
    [
      "a reference where Kong resolves none",
      cors({ headers: ["{vault://env/key}"] }),
      /does not resolve vault references/,
    ],
  ])("refuses %s and names it", async (_, change, message) => {
    await expect(read(change)).rejects.toThrow(message);
  });

  it("lets the route's plugin win over the service's, and that over the global one", async () => {
    const routes = [
      { ...route, name: "own", plugins: [size(3)] },
      { ...route, name: "inherits", plugins: [] },
    ];
    const config = await read({ plugins: [size(1)], services: [{ ...service, plugins: [size(2)], routes }] });
    const limits = config.routes.map(({ name, plugins }) => [name, plugins["request-size-limiting"]?.maximumBytes]);
    expect(limits).toEqual([
      ["own", 3],
      ["inherits", 2],
    ]);
    expect(config.globalPlugins["request-size-limiting"]?.maximumBytes).toBe(1);
  });

  it("reads secrets from the vault and addresses and origins from the settings", async () => {
    const serviceUrls = { functions: "http://127.0.0.1:9" };
    const config = await read(cors({}), { serviceUrls, corsOrigins: ["http://localhost:1"] });
    expect(config.routes[0]?.service.url.href).toBe("http://127.0.0.1:9/");
    expect(config.routes[0]?.service.absence).toBeUndefined();
    expect(config.routes[0]?.plugins["kombify-auth"]?.functions_key).toBe("secret");
    expect(config.routes[0]?.plugins.cors?.origins).toEqual(["http://localhost:1"]);
  });
});
