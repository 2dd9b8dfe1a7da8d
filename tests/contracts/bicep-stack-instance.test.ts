import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { onTestFinished, expect, test } from "vitest";
import { z } from "zod";
import { buildAdapters } from "../../functions/adapters.ts";
import { Settings } from "../../functions/config.ts";
import { expressionOf, objectAt, readBicepFiles } from "./bicep-reader.ts";
import type { BicepFile } from "./bicep-reader.ts";

const path = "infra/bicep/stack-instance.bicep";
const files = await readBicepFiles();
const fileAt = (name: string): BicepFile => files.get(name)!;
const template = fileAt(path);
const text = readFileSync(path, "utf8");
const script = readFileSync("infra/bicep/scripts/stack-instance.sh", "utf8");

const Deployment = z.object({
  properties: z.object({ parameters: z.record(z.string(), z.object({ value: z.unknown() })) }),
});

const secrets = {
  superuserPassword: "canary-of-the-superuser-password",
  reportKey: "canary-of-the-report-key-0123456789",
};
const request = {
  instanceId: "stack-contract",
  region: "westeurope" as const,
  mode: "SHARED" as const,
  superuserEmail: "control-plane@kombify.internal",
  ...secrets,
};

/** The control plane's own adapter, talking to a resource manager that writes down what it is sent. */
const openDeployments = async () => {
  const sent: unknown[] = [];
  const answer = { body: undefined as unknown };
  const server = createServer((incoming, response) => {
    const reply = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    if (incoming.method !== "PUT") {
      if (answer.body === undefined) reply(404, { error: { code: "DeploymentNotFound", message: "Not found." } });
      else reply(200, answer.body);
      return;
    }
    void json(incoming).then((body) => {
      sent.push(body);
      reply(201, { id: "/deployments/one", properties: { provisioningState: "Accepted" } });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close().closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const settings = Settings.parse({
    PUBLIC_BASE_URL: "https://kombify.example",
    STACK_DOMAIN: "stack.kombify.example",
    OIDC_ISSUER: "https://id.kombify.example",
    OIDC_JWKS_URI: "https://id.kombify.example/keys",
    OIDC_PROJECT_ID: "project",
    OIDC_CONSOLE_CLIENT_ID: "console",
    OIDC_DASHBOARD_CLIENT_ID: "dashboard",
    OPERATOR_ORG_ID: "operators",
    DOCUMENTS: "sqlite",
    SQLITE_FILE: ":memory:",
    SECRETS_DIRECTORY: "/nonexistent",
    AzureWebJobsStorage: "UseDevelopmentStorage=true",
    DEFAULT_REGION: "westeurope",
    AZURE_SUBSCRIPTION_ID: "subscription",
    AZURE_RESOURCE_GROUP: "group",
    BICEP_TEMPLATE_URL: "http://localhost:1/stack-instance.json",
    ARM_ENDPOINT: `http://127.0.0.1:${port}`,
    ARM_LOCAL_TOKEN: "a-token-of-this-test",
  });
  return { deployments: buildAdapters(settings).deployments, sent, answer };
};

/** Parameters that are agreed but may still be unsent, so they need a default. */
const agreed = ["reportUrl", "reportKey"];

test("declares what the control plane sends, as it sends it, and requires nothing else", async () => {
  const { deployments, sent } = await openDeployments();
  await deployments.begin(request);
  expect(sent).toHaveLength(1);
  const given = Deployment.parse(sent[0]).properties.parameters;
  expect(Object.keys(given).length).toBeGreaterThan(5);
  const declared = new Map(template.parameters.map((parameter) => [parameter.name, parameter]));
  expect([...Object.keys(given), ...agreed].filter((name) => !declared.has(name))).toEqual([]);
  const required = template.parameters.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  expect(required.filter((name) => !(name in given))).toEqual([]);
  for (const [name, { value }] of Object.entries(given)) {
    const { type, allowed, isSecure } = declared.get(name)!;
    expect(type, name).toBe(typeof value);
    if (allowed.length > 0) expect(allowed, name).toContain(value);
    expect(isSecure, name).toBe(Object.values<unknown>(secrets).includes(value));
  }
});

test("every deployment mode of the code is allowed", async () => {
  const { DeploymentMode } = await import("../../shared/instances/instance.ts");
  const { allowed } = template.parameters.find(({ name }) => name === "deploymentMode")!;
  expect(allowed).toEqual(DeploymentMode.options);
});

test("the secrets are secure, and agreed parameters that are not sent yet have defaults", () => {
  const secure = template.parameters.filter(({ isSecure }) => isSecure).map(({ name }) => name);
  expect(secure).toEqual(Object.keys(secrets));
  for (const name of agreed)
    expect(template.parameters).toContainEqual(expect.objectContaining({ name, isRequired: false }));
});

test("gives the outputs that the control plane reads", async () => {
  const { deployments, answer } = await openDeployments();
  const outputs = Object.fromEntries(
    template.outputs.map(({ name, type }) => [name, { type, value: `value of ${name}` }]),
  );
  answer.body = { properties: { provisioningState: "Succeeded", outputs } };
  expect(template.outputs.map(({ type }) => type)).toEqual(["string", "string", "string"]);
  expect(await deployments.check(request.instanceId)).toEqual({
    state: "succeeded",
    internalEndpoint: "value of internalEndpoint",
    version: "value of version",
  });
});

test("is named so that a resource manager can tell it", () => {
  expect(template.metadata["name"]).toContain("stack-instance");
});

const made = template.resources.filter(({ isExisting }) => !isExisting);

const backupType = "Microsoft.DataProtection/backupVaults/backupInstances";

test("every resource but the backup carries the tag that removal goes by", () => {
  const isBackup = ({ type }: (typeof made)[number]): boolean => type.startsWith(backupType);
  const backupTags = made.filter(isBackup).map(({ body }) => JSON.stringify(body["tags"]));
  expect(backupTags).toEqual([expect.stringContaining("kombify-backup-of")]);
  expect(backupTags).toEqual([expect.not.stringMatching(/kombify-instance|allTags/)]);
  const removed = made.filter((each) => !isBackup(each));
  expect(removed.length).toBeGreaterThan(4);
  expect(removed.filter(({ body }) => expressionOf(body["tags"]) !== "allTags")).toEqual([]);
  expect(expressionOf(template.variables["allTags"])).toContain("'kombify-instance': instanceName");
});

test("has no public address, and is found where the gateway looks", () => {
  expect(made.map(({ type }) => type)).not.toContain("Microsoft.Network/publicIPAddresses");
  expect(text).not.toMatch(/publicIPAddress/i);
  const kong = readFileSync("kong/kong.yml", "utf8");
  expect(template.variables["port"]).toBe(8090);
  expect(kong).toContain(`zone: "{vault://env/kombify-stack-zone}", port: 8090`);
  expect(files.get("infra/bicep/main.bicep")!.variables["zone"]).toBe("stacks.internal");
  expect(text).toContain("param zone string = 'stacks.internal'");
});

test("data is on a disk that outlives its VM and is backed up", () => {
  const types = made.map(({ type }) => type);
  expect(types).toContain("Microsoft.Compute/disks");
  expect(types).toContain("Microsoft.DataProtection/backupVaults/backupInstances");
  expect(text).not.toMatch(/Microsoft\.Storage|fileShares|nfs:/i);
});

test("the start script is shell, gets every value it asks for, and has the secrets from nowhere but protected settings", () => {
  execFileSync("bash", ["-n", "infra/bicep/scripts/stack-instance.sh"]);
  const asked = [...script.matchAll(/__\w+?__/g)].map(([word]) => word);
  expect(asked.length).toBeGreaterThan(4);
  expect(asked.filter((word) => !text.includes(`'${word}'`))).toEqual([]);
  const start = made.find(({ symbol }) => symbol === "start")!;
  const properties = objectAt(start.body, "properties");
  expect(properties).toHaveProperty("protectedSettings");
  expect(properties).not.toHaveProperty("settings");
  expect(readFileSync("infra/bicep/scripts/stack-instance.cloud-init.yaml", "utf8")).not.toMatch(/__\w+__/);
});

test("the control plane's role allows what the template makes and reads, and nothing wide", () => {
  const role = fileAt("infra/bicep/modules/stack-deployer.bicep").resources.find(
    ({ type }) => type === "Microsoft.Authorization/roleDefinitions",
  )!;
  const actions = JSON.stringify(objectAt(role.body, "properties")["permissions"]);
  const needed = template.resources.flatMap(({ type, isExisting }) =>
    (isExisting ? ["read"] : ["read", "write", "delete"]).map((verb) => `"${type}/${verb}"`),
  );
  expect(needed.filter((action) => !actions.includes(action))).toEqual([]);
  expect(actions).not.toContain("*");
  expect(actions).not.toContain("Microsoft.Authorization");
});

/** The platform makes them; the template finds them by names of its own. */
test("what the template finds in its resource group is made there under the same name", () => {
  const makers = ["infra/bicep/modules/stack-group.bicep", "infra/bicep/modules/stack-region.bicep"].map(fileAt);
  const platform = makers.flatMap(({ resources }) => resources.filter(({ isExisting }) => !isExisting));
  const types = new Set(platform.map(({ type }) => type));
  const found = template.resources.filter(({ isExisting }) => isExisting).map(({ type }) => type);
  expect(found.filter((type) => !types.has(type) && !type.endsWith("/subnets"))).toEqual([]);
  const sources = makers.map((maker) => readFileSync(maker.path, "utf8")).join("\n");
  const shared = ["'stack-instance'", "'kombify-operators'", "'stacks-${location}'", "'disks'", "'instances'"];
  const names = [...shared, "'kombify${uniqueString(resourceGroup().id)}'"];
  expect(names.filter((name) => !text.includes(`= ${name}`) || !sources.includes(name))).toEqual([]);
});
