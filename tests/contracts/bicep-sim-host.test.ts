import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { readSettings, Settings } from "../../sim-host/config.ts";
import type { BicepFile, BicepValue } from "./bicep-reader.ts";
import { expressionOf, objectAt, readBicepFiles } from "./bicep-reader.ts";

const files = await readBicepFiles();
const path = "infra/bicep/modules/sim-host.bicep";
const host = files.get(path)!;
const network = files.get("infra/bicep/modules/network.bicep")!;
const text = readFileSync(path, "utf8");
const main = readFileSync("infra/bicep/main.bicep", "utf8");
const script = readFileSync("infra/bicep/scripts/sim-host.sh", "utf8");

const made = host.resources.filter(({ isExisting }) => !isExisting);
const madeOf = (type: string) => made.filter((resource) => resource.type === type);

/** As the rules are written; what Azure computes is its source text. */
const Rule = z.object({
  name: z.string(),
  members: z.object({
    access: z.enum(["Allow", "Deny"]),
    direction: z.enum(["Inbound", "Outbound"]),
    priority: z.number(),
    source: z.string(),
    destination: z.string(),
    ports: z.string(),
  }),
});

const written = (value: BicepValue | undefined): string =>
  value === undefined ? "" : (expressionOf(value) ?? (typeof value === "string" ? value : JSON.stringify(value)));

const rulesOf = (file: BicepFile, symbol: string) => {
  const group = file.resources.find((resource) => resource.symbol === symbol)!;
  const rules = objectAt(group.body, "properties")["securityRules"];
  if (!Array.isArray(rules)) throw new Error(`${symbol} has no rules.`);
  return rules.map((rule: BicepValue) => {
    const { name, properties } = objectAt({ rule }, "rule");
    const members = objectAt({ properties: properties! }, "properties");
    return Rule.parse({
      name,
      members: {
        ...members,
        source: written(members["sourceAddressPrefix"] ?? members["sourceAddressPrefixes"]),
        destination: written(members["destinationAddressPrefix"]),
        ports: written(members["destinationPortRange"] ?? members["destinationPortRanges"]),
      },
    });
  });
};

const rules = rulesOf(network, "simulationRules");
const allowed = (direction: string) =>
  rules
    .filter(({ members }) => members.access === "Allow" && members.direction === direction)
    .map(({ members: { source, destination, ports } }) => ({ source, destination, ports }));

const Kong = z.object({ services: z.array(z.object({ name: z.string(), url: z.url() })) });
const kongUrl = new URL(
  Kong.parse(parseYaml(readFileSync("kong/kong.yml", "utf8"))).services.find(({ name }) => name === "sim-host")!.url,
);

test("the gateway's subnet reaches the host's port, and nobody else reaches anything", () => {
  expect(allowed("Inbound")).toEqual([{ source: "prefixes.gateway", destination: "*", ports: "simHostPort" }]);
});

test("the host reaches the app's private address and the web, so neither the Stacks nor the platform's data", () => {
  expect(allowed("Outbound")).toEqual([
    { source: "*", destination: "'${appAddress}/32'", ports: "443" },
    { source: "*", destination: "Internet", ports: '["80","443"]' },
  ]);
  expect(readFileSync("infra/bicep/modules/functions.bicep", "utf8")).toContain("address: endpointAddress");
  expect(main).toContain("endpointAddress: network.outputs.appAddress");
});

test.each(["Inbound", "Outbound"])(
  "what is not allowed %s is refused, before Azure's own rules allow it",
  (direction) => {
    const ofDirection = rules.filter(({ members }) => members.direction === direction);
    const denial = ofDirection.find(({ members }) => members.access === "Deny");
    expect(denial?.members).toMatchObject({ source: "*", destination: "*", ports: "*" });
    for (const { members } of ofDirection) expect(members.priority).toBeLessThanOrEqual(denial!.members.priority);
    // Azure's own begin there.
    expect(denial!.members.priority).toBeLessThan(65_000);
  },
);

test("port and name are the same for the network, the gateway, the host, and the local example", () => {
  const port = String(Settings.shape.SIM_PORT.parse(undefined));
  expect(files.get("infra/bicep/main.bicep")!.variables["simHostPort"]).toBe(port);
  expect(kongUrl.port).toBe(port);
  expect(readFileSync("infra/sim-host/settings.env.example", "utf8")).toContain(`\n# SIM_PORT=${port}\n`);
  expect(readFileSync("kong/compose.yml", "utf8")).toContain(`"${kongUrl.hostname}:host-gateway"`);
});

test("the name that the gateway asks for is the host's private address, in a zone that the platform's network reads", () => {
  const [zone] = madeOf("Microsoft.Network/privateDnsZones");
  const [link] = madeOf("Microsoft.Network/privateDnsZones/virtualNetworkLinks");
  const [record] = madeOf("Microsoft.Network/privateDnsZones/A");
  expect(zone?.body["name"]).toBe(kongUrl.hostname);
  expect(objectAt(link!.body, "properties")).toMatchObject({ registrationEnabled: false });
  expect(JSON.stringify(link!.body)).toContain("networkId");
  expect(record?.body["name"]).toBe("@");
  expect(JSON.stringify(record!.body)).toContain("networkInterface.properties.ipConfigurations[0]");
  expect([zone, link, record].map((resource) => expressionOf(resource?.body["parent"]))).toEqual([
    undefined,
    "zone",
    "zone",
  ]);
});

test("the machine has no public address and no identity, and only its data outlives it", () => {
  const [machine] = madeOf("Microsoft.Compute/virtualMachines");
  expect(Object.keys(machine!.body)).not.toContain("identity");
  expect(text).not.toMatch(/publicIPAddress|roleAssignments|userAssignedIdentities/i);
  expect(text.match(/deleteOption: 'Detach'/g)).toHaveLength(1);
  expect(text).toMatch(/deleteOption: 'Detach'\n\s+caching: 'None'\n\s+managedDisk: \{ id: dataDisk\.id \}/);
});

/** What the script adds: files, and what the machine knows of itself. */
const scriptLines = script.split("\n").filter((line) => /^(SIM_|\w+_KEY_FILE=)/.test(line));
const templateLines = (): readonly string[] => {
  const lines = host.variables["settingsLines"];
  if (!Array.isArray(lines)) throw new Error("settingsLines is no list.");
  return lines.map((line: BicepValue) => written(line).replace(/^'|'$/g, ""));
};
const namesOf = (lines: readonly string[]): readonly string[] => lines.map((line) => line.split("=", 1)[0] ?? "");

test("the host gets every setting that has no default, once, and none that it does not know", () => {
  const names = namesOf([...templateLines(), ...scriptLines]);
  const required = Object.entries(Settings.shape).filter(([, schema]) => !schema.safeParse(undefined).success);
  expect(names.filter((name) => !(name in Settings.shape))).toEqual([]);
  expect(required.map(([name]) => name).filter((name) => !names.includes(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

test("the host starts with what it gets", () => {
  const given: Readonly<Record<string, string>> = {
    SIM_LISTEN_ADDRESS: "10.10.5.4",
    SIM_PORT: "7080",
    SIM_DATA_DIRECTORY: "/var/lib/kombify-sim-host",
    SIM_MEMORY_MEGABYTES: "24000",
    SIM_CPUS: "64",
    PUBLIC_BASE_URL: "https://kombify.example",
    CONTROL_PLANE_URL: "https://kombify-abc.azurewebsites.net",
    OIDC_ISSUER: "https://id.kombify.example",
    OIDC_JWKS_URI: "https://id.kombify.example/oauth/v2/keys",
    OIDC_PROJECT_ID: "project",
    OPERATOR_ORG_ID: "operators",
  };
  const valueOf = (line: string): [string, string] => {
    const [, name = "", value = ""] = /^(\w+)=(.*)$/.exec(line) ?? [];
    return [name, value.includes("$") ? (given[name] ?? "") : value];
  };
  const environment = Object.fromEntries([...templateLines(), ...scriptLines].map(valueOf));
  expect(readSettings(environment)).toMatchObject({ SIM_PORT: 7080, SIM_CPUS: 64 });
});

test("what the settings take from main.bicep is given", () => {
  const used = [...text.matchAll(/\$\{settings\.(\w+)\}/g)].map(([, name]) => name ?? "");
  const given = main.slice(main.indexOf("module simHost "));
  expect(used.length).toBeGreaterThan(5);
  expect(used.filter((name) => !new RegExp(`\\b${name}:`).test(given))).toEqual([]);
});

test("the start script is shell, gets every value it asks for, and has the secrets from nowhere but protected settings", () => {
  execFileSync("bash", ["-n", "infra/bicep/scripts/sim-host.sh"]);
  const asked = [...script.matchAll(/__\w+?__/g)].map(([word]) => word);
  expect(asked).toHaveLength(6);
  expect(asked.filter((word) => !text.includes(`'${word}'`))).toEqual([]);
  const properties = objectAt(madeOf("Microsoft.Compute/virtualMachines/extensions")[0]!.body, "properties");
  expect(properties).toHaveProperty("protectedSettings");
  expect(properties).not.toHaveProperty("settings");
  const secure = host.parameters.filter(({ isSecure }) => isSecure).map(({ name }) => name);
  expect(secure).toEqual(["releaseUrl", "gatewayKey", "serviceKey"]);
  expect(JSON.stringify(host.variables["settingsLines"])).not.toMatch(/Key\b|releaseUrl/);
});

test("the release is nobody else's to read, and the machine's disk is its own", () => {
  const store = files.get("infra/bicep/modules/template-store.bicep")!;
  const containers = store.resources.filter(({ type }) => type.endsWith("/containers"));
  const access = containers.map(({ body }) => [body["name"], objectAt(body, "properties")["publicAccess"]]);
  expect(Object.fromEntries(access)).toEqual({ templates: "Blob", releases: "None" });
  expect(objectAt(madeOf("Microsoft.Compute/disks")[0]!.body, "properties")).toMatchObject({
    networkAccessPolicy: "DenyAll",
    publicNetworkAccess: "Disabled",
  });
});
