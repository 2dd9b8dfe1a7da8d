import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { readSettings, Settings } from "../../functions/config.ts";
import { Region } from "../../shared/instances/instance.ts";
import { expressionOf, objectAt, readBicepFiles } from "./bicep-reader.ts";
import type { BicepFile, BicepResource } from "./bicep-reader.ts";

const files = await readBicepFiles();
const moduleAt = (name: string): BicepFile => files.get(`infra/bicep/modules/${name}.bicep`)!;
const resourcesOf = (file: BicepFile, type: string): readonly BicepResource[] =>
  file.resources.filter((resource) => resource.type === type && !resource.isExisting);

const [config] = resourcesOf(moduleAt("functions"), "Microsoft.Web/sites/config");
const appSettings = objectAt(config!.body, "properties");

/** What the Functions host itself reads. */
const isOfHost = (name: string): boolean => /^(AzureWebJobs|APPLICATIONINSIGHTS_)/.test(name);
/** The other halves of a choice: a file for Cosmos DB and Key Vault, a resource manager on this machine. */
const localOnly = [
  "AzureWebJobsStorage",
  "SQLITE_FILE",
  "SECRETS_DIRECTORY",
  "ARM_ENDPOINT",
  "ARM_LOCAL_TOKEN",
  "STRIPE_API_URL",
];

test("the app gets every setting that functions/config.ts reads on Azure, and no other", () => {
  const own = Object.keys(appSettings).filter((name) => !isOfHost(name));
  const wanted = Object.keys(Settings.shape).filter((name) => !localOnly.includes(name));
  expect(own.sort()).toEqual(wanted.sort());
});

test("the app starts with these settings", () => {
  const Sample = z.object({ Values: z.record(z.string(), z.string()) });
  const sample = Sample.parse(JSON.parse(readFileSync("local.settings.sample.json", "utf8"))).Values;
  const environment = Object.fromEntries(
    Object.entries(appSettings)
      .filter(([name]) => !isOfHost(name))
      .map(([name, value]) => [name, typeof value === "string" ? value : sample[name]?.replace(/[<>]/g, "")]),
  );
  environment["AZURE_MANAGED_IDENTITY_CLIENT_ID"] = "00000000-0000-0000-0000-000000000001";
  expect(readSettings(environment)).toMatchObject({ DOCUMENTS: "cosmos" });
});

test("what the settings take from main.bicep is given", () => {
  const main = readFileSync("infra/bicep/main.bicep", "utf8");
  const used = Object.values(appSettings).flatMap(
    (value) => /\bsettings\.(\w+)/.exec(expressionOf(value) ?? "")?.[1] ?? [],
  );
  const given = main.slice(main.indexOf("settings: {"), main.indexOf("// The host's first start"));
  expect(used.length).toBeGreaterThan(10);
  expect(used.filter((name) => !new RegExp(`\\b${name}:`).test(given))).toEqual([]);
});

test("the host's storage is reached by identity, and no setting holds a key", () => {
  expect(Object.keys(appSettings)).toContain("AzureWebJobsStorage__accountName");
  expect(Object.keys(appSettings)).not.toContain("AzureWebJobsStorage");
  expect(JSON.stringify(appSettings)).not.toMatch(/AccountKey|listKeys|SharedAccess/i);
});

interface Definition {
  readonly name: string;
  readonly partitionKey: string;
  readonly indexes: readonly string[];
}

/** The literals behind `: ContainerDefinition =` in the product's source. */
const readDefinitions = (): Definition[] => {
  const found = execFileSync("grep", ["-rlE", "--include=*.ts", ": ContainerDefinition = ", "shared", "functions"]);
  const sources = found
    .toString()
    .trim()
    .split("\n")
    .filter((path) => !path.endsWith(".test.ts"));
  return sources.flatMap((path) => {
    const literals = readFileSync(path, "utf8").split(": ContainerDefinition = ").slice(1);
    return literals.map((literal) => {
      const fields = /^\{\s*name: "([^"]+)",\s*partitionKey: "([^"]+)",\s*indexes: \[([^\]]*)\]/.exec(literal);
      if (fields === null) throw new Error(`${path} holds a container definition that this test cannot read.`);
      const [, name = "", partitionKey = "", indexes = ""] = fields;
      return { name, partitionKey, indexes: [...indexes.matchAll(/"(\w+)"/g)].map(([, member = ""]) => member) };
    });
  });
};

const Containers = z.array(
  z.object({
    members: z.object({
      name: z.string(),
      partitionKey: z.string(),
      indexes: z.array(z.string()),
      ttlSeconds: z.int().nullable(),
    }),
  }),
);
const containers = Containers.parse(moduleAt("cosmos").variables["containers"]).map(({ members }) => members);
/** Agreed on, its code is being written. */
const announced = ["health"];

test("Cosmos DB has the containers of the code: partition key and exactly the declared indexes", () => {
  const definitions = readDefinitions();
  expect(definitions.length).toBeGreaterThan(5);
  for (const { name, partitionKey } of definitions) {
    const container = containers.find((candidate) => candidate.name === name);
    expect(container, `cosmos.bicep has no container ${name}`).toBeDefined();
    expect(container!.partitionKey, name).toBe(partitionKey);
    const indexes = definitions.filter((definition) => definition.name === name).flatMap((each) => each.indexes);
    expect(container!.indexes.toSorted(), name).toEqual([...new Set(indexes)].sort());
  }
  const names = new Set([...definitions.map(({ name }) => name), ...announced]);
  expect(containers.filter(({ name }) => !names.has(name))).toEqual([]);
});

test("a container's policy says what the adapter says when it makes one, and time to live is where it is decided", () => {
  const [resource] = resourcesOf(moduleAt("cosmos"), "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers");
  const policy = JSON.stringify(resource!.body["properties"]).replace(/(?:\\n|\s)+/g, " ");
  expect(policy).toContain("paths: ['/${container.partitionKey}']");
  expect(policy).toContain("version: 2");
  expect(policy).toContain("filter(union([container.partitionKey], container.indexes), member => member != 'id')");
  expect(policy).toContain("path: '/${member}/?'");
  expect(policy).toContain("excludedPaths: [ { path: '/*' } ]");
  // Documents that are swept by the code live for up to 400 days: Cosmos must not be faster.
  const limited = containers.filter(({ ttlSeconds }) => ttlSeconds !== null);
  expect(limited.map(({ name }) => name)).toEqual(["health"]);
  for (const { ttlSeconds } of limited) expect(ttlSeconds).toBeGreaterThan(400 * 86_400);
});

/** Built-in roles that may be given, each to one resource; see the comments where they are. */
const narrowRoles: Readonly<Record<string, string>> = {
  "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
  "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Storage Queue Data Contributor",
  "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
  "b86a8fe4-44ce-4948-aee5-eccb2c155cd7": "Key Vault Secrets Officer",
  "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
  "7f951dda-4ed3-4680-a7ca-43fe172d538d": "AcrPull",
  "3e5e47e6-65f7-47ef-90b5-e5dd4d455f24": "Disk Backup Reader",
  "7efff54f-a5b4-42b5-a1c5-5411624893ce": "Disk Snapshot Contributor",
  "00000000-0000-0000-0000-000000000002": "Cosmos DB Built-in Data Contributor",
};
/** They are given for the resource group of the Stacks, whose disks do not exist yet. */
const groupWide = ["stack-deployer", "stack-region"];

test("only narrow roles are given, never for a subscription, and for a group only in the Stacks' own", () => {
  const assignments = [...files.values()].flatMap((file) =>
    resourcesOf(file, "Microsoft.Authorization/roleAssignments").map((resource) => ({ file, resource })),
  );
  expect(assignments.length).toBeGreaterThan(6);
  for (const { file, resource } of assignments) {
    expect(file.targetScope, file.path).toBe("resourceGroup");
    if (resource.body["scope"] !== undefined) continue;
    expect(groupWide.map((name) => moduleAt(name).path)).toContain(file.path);
  }
  const main = files.get("infra/bicep/main.bicep")!;
  const scopes = main.modules.filter(({ path }) => groupWide.some((name) => path.endsWith(`/${name}.bicep`)));
  expect(scopes.map(({ scope }) => scope)).toEqual(["stackGroup", "stackGroup"]);
  const guids = [...files.values()].flatMap(({ path }) =>
    [...readFileSync(path, "utf8").matchAll(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g)].map(([guid]) => guid),
  );
  expect([...new Set(guids)].sort()).toEqual(Object.keys(narrowRoles).sort());
});

test("the data of the Functions app is open to its identity only: no keys, no passwords, no public networks", () => {
  const source = (name: string): string => readFileSync(moduleAt(name).path, "utf8");
  expect(source("cosmos")).toMatch(/disableLocalAuth: true/);
  expect(source("storage")).toMatch(/allowSharedKeyAccess: false/);
  expect(source("key-vault")).toMatch(/enableRbacAuthorization: true/);
  for (const name of ["cosmos", "storage", "key-vault"]) {
    expect(source(name), name).toMatch(/publicNetworkAccess: 'Disabled'/);
  }
  expect(source("cosmos")).toContain("scope: '${account.id}/dbs/${databaseName}'");
});

test("example regions are regions of the code", () => {
  for (const name of ["dev", "prod"]) {
    const raw: unknown = JSON.parse(readFileSync(`infra/bicep/parameters/${name}.json`, "utf8"));
    const Parameters = z.object({
      parameters: z.object({ stackRegions: z.object({ value: z.array(Region).min(1) }) }),
    });
    expect(Parameters.safeParse(raw).success, name).toBe(true);
  }
});

const Compose = z.object({
  services: z.object({ kong: z.object({ image: z.string(), environment: z.record(z.string(), z.string()) }) }),
});

test("the gateway's image runs the Kong of kong/compose.yml with the same settings", () => {
  const { kong } = Compose.parse(parseYaml(readFileSync("kong/compose.yml", "utf8"))).services;
  const dockerfile = readFileSync("infra/bicep/gateway/Dockerfile", "utf8");
  expect(dockerfile).toContain(`FROM ${kong.image}\n`);
  const set = Object.fromEntries(
    [...dockerfile.matchAll(/\b(KONG_\w+)="?([^"\s]*)"?/g)].map(([, name = "", value = ""]) => [name, value]),
  );
  // The file is written by start.sh; the prefix is the image's own.
  const { KONG_DECLARATIVE_CONFIG: _file, KONG_PREFIX: _prefix, ...wanted } = kong.environment;
  const expected = Object.entries(wanted).filter(([name]) => name.startsWith("KONG_"));
  expect(set).toMatchObject(Object.fromEntries(expected));
  const container = readFileSync(moduleAt("gateway").path, "utf8");
  const ours = Object.keys(kong.environment).filter((name) => name.startsWith("KOMBIFY_"));
  expect(ours.filter((name) => !container.includes(`name: '${name}'`))).toEqual([]);
});

test("the gateway's start script puts the Functions app's address into kong.yml, and refuses to start without a setting", () => {
  const directory = mkdtempSync(join(tmpdir(), "kombify-gateway-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const written = join(directory, "kong.yml");
  const environment = {
    PATH: process.env["PATH"] ?? "",
    KOMBIFY_KONG_TEMPLATE: "kong/kong.yml",
    KOMBIFY_KONG_ENTRYPOINT: "echo",
    KONG_DECLARATIVE_CONFIG: written,
    KOMBIFY_FUNCTIONS_URL: "https://kombify-abc.azurewebsites.net",
    KOMBIFY_FUNCTIONS_KEY: "key",
    KOMBIFY_ISSUER: "https://id.kombify.example",
    KOMBIFY_AUDIENCE: "project",
    KOMBIFY_JWKS_URI: "https://id.kombify.example/oauth/v2/keys",
    KOMBIFY_STACK_ZONE: "stacks.internal",
    KOMBIFY_SIM_HOST_KEY: "another key",
  };
  const start = (changes: Record<string, string>): string =>
    execFileSync("sh", ["infra/bicep/gateway/start.sh"], {
      env: { ...environment, ...changes },
      stdio: "pipe",
    }).toString();
  expect(start({})).toBe("kong docker-start\n");
  const kong = readFileSync("kong/kong.yml", "utf8");
  expect(readFileSync(written, "utf8")).toBe(
    kong.replace("url: http://functions.internal:7071", "url: https://kombify-abc.azurewebsites.net"),
  );
  expect(() => start({ KOMBIFY_AUDIENCE: "" })).toThrow("KOMBIFY_AUDIENCE is not set");
  expect(() => start({ KOMBIFY_SIM_HOST_KEY: "" })).toThrow("KOMBIFY_SIM_HOST_KEY is not set");
  expect(() => start({ KOMBIFY_FUNCTIONS_URL: "http://plain.example" })).toThrow("not a plain https address");
  expect(() => start({ KOMBIFY_FUNCTIONS_URL: "https://a#b\nc" })).toThrow("not a plain https address");
});
