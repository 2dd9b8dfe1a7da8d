import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import PocketBase from "pocketbase";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { findPocketBase } from "../pocketbase/find-pocketbase.ts";
import { isPocketBaseHealthy } from "../process/pocketbase-process.ts";
import { listPocketBases } from "../process/pocketbase-table.ts";
import { waitUntil } from "../process/wait-until.ts";
import {
  acceptedToken,
  armClients,
  deploymentOf,
  groupName,
  type ManagerProcess,
  startManagerProcess,
  subscriptionId,
} from "./test-manager.ts";

const { path: pocketbasePath } = await findPocketBase({ onProgress: (line) => console.error(line) });
const password = "correct-horse-battery-staple";
const Outputs = z.object({
  internalEndpoint: z.object({ type: z.literal("String"), value: z.string() }),
  publicEndpoint: z.object({ type: z.literal("String"), value: z.string() }),
  version: z.object({ type: z.literal("String"), value: z.string() }),
});

let dataDirectory = "";
let manager: ManagerProcess;
let arm: ReturnType<typeof armClients>;

const startManager = async (config: Readonly<Record<string, unknown>> = {}): Promise<void> => {
  manager = await startManagerProcess({ dataDirectory, pocketbasePath, ...config });
  arm = armClients(manager.url);
};

beforeEach(async () => {
  dataDirectory = mkdtempSync(join(tmpdir(), "resource-manager-"));
  await startManager();
  await arm.resources.resourceGroups.createOrUpdate(groupName, { location: "westeurope" });
});

afterEach(async () => {
  await manager.end("SIGTERM");
  for (const name of instanceNames()) for (const { pid } of servers(name)) process.kill(pid, "SIGKILL");
  rmSync(dataDirectory, { recursive: true, force: true });
});

const pbData = (name: string): string => join(dataDirectory, "instances", name, "pb_data");
const servers = (name: string): readonly { pid: number; port: number | undefined }[] => listPocketBases(pbData(name));
const instanceNames = (): readonly string[] =>
  readdirSync(dataDirectory).includes("instances") ? readdirSync(join(dataDirectory, "instances")) : [];

const deploy = async (name: string): Promise<z.infer<typeof Outputs>> => {
  const body = deploymentOf(name, password);
  const poller = arm.deployments.deployments.createOrUpdate(groupName, `deploy-${name}`, body, {
    updateIntervalInMs: 100,
  });
  const deployment = await poller;
  expect(deployment.properties?.provisioningState).toBe("Succeeded");
  return Outputs.parse(deployment.properties?.outputs);
};

const begin = async (name: string): Promise<void> => {
  await arm.deployments.deployments
    .createOrUpdate(groupName, `deploy-${name}`, deploymentOf(name, password))
    .submitted();
};

const provisioningState = async (name: string): Promise<string | undefined> =>
  (await arm.deployments.deployments.get(groupName, `deploy-${name}`)).properties?.provisioningState;

const expectToSucceed = async (name: string): Promise<void> => {
  await waitUntil(async () => (await provisioningState(name)) !== "Running", 30_000, 100);
  expect(await provisioningState(name)).toBe("Succeeded");
};

const expectSuperuser = async (url: string): Promise<void> => {
  const client = new PocketBase(url);
  await client.collection("_superusers").authWithPassword("control-plane@kombify.internal", password);
  expect(client.authStore.isSuperuser).toBe(true);
};

const expectHealthySoon = async (url: string): Promise<void> => {
  expect(await waitUntil(() => isPocketBaseHealthy(url), 20_000)).toBe(true);
};

/** Every byte the manager wrote, but for PocketBase's own data. */
const expectNoSecretOnDisk = (): void => {
  for (const entry of readdirSync(dataDirectory, { recursive: true, encoding: "utf8" })) {
    const path = join(dataDirectory, entry);
    if (entry.includes("pb_data") || !statSync(path).isFile()) continue;
    expect(readFileSync(path).includes(password), path).toBe(false);
  }
};

const collect = async <T>(items: AsyncIterable<T>): Promise<readonly T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

const Refusal = z.object({ statusCode: z.number(), code: z.string() });
const codeOf = async (call: Promise<unknown>): Promise<string | undefined> => {
  try {
    await call;
    return "no error";
  } catch (error) {
    const { statusCode, code } = Refusal.parse(error);
    return `${statusCode} ${code}`;
  }
};

describe("a deployment", () => {
  it("starts a PocketBase the superuser can log in to, and tells where it is", async () => {
    const outputs = await deploy("stack-1");
    expect(outputs.publicEndpoint.value).toBe("http://gateway.test/stacks/stack-1");
    expect(await isPocketBaseHealthy(outputs.internalEndpoint.value)).toBe(true);
    await expectSuperuser(outputs.internalEndpoint.value);
    expect(servers("stack-1")).toHaveLength(1);
    const listed: unknown = await (await fetch(`${manager.url}/dev/instances`)).json();
    expect(listed).toEqual([
      {
        name: "stack-1",
        internalEndpoint: outputs.internalEndpoint.value,
        publicEndpoint: outputs.publicEndpoint.value,
        pid: servers("stack-1")[0]?.pid,
        dataDirectory: pbData("stack-1"),
        state: "Running",
      },
    ]);
  });

  it("shows its secret nowhere: not in files, answers, logs, nor in a lasting process", async () => {
    await deploy("stack-1");
    expectNoSecretOnDisk();
    const answers = [
      await arm.deployments.deployments.get(groupName, "deploy-stack-1"),
      await collect(arm.deployments.deploymentOperations.list(groupName, "deploy-stack-1")),
      await collect(arm.deployments.deployments.listByResourceGroup(groupName)),
      await collect(arm.resources.resources.listByResourceGroup(groupName)),
    ];
    expect(JSON.stringify(answers)).toContain("stack-1");
    expect(JSON.stringify(answers)).not.toContain(password);
    expect(manager.output()).not.toContain(password);
    for (const { pid } of servers("stack-1")) {
      expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).not.toContain(password);
      expect(readFileSync(`/proc/${pid}/environ`, "utf8")).not.toContain(acceptedToken);
    }
  });

  it("answers 409 to a second run while it is active, and the same resource to a repeat afterwards", async () => {
    await begin("stack-1");
    expect(await codeOf(begin("stack-1"))).toBe("409 DeploymentActive");
    await expectToSucceed("stack-1");
    const [before] = servers("stack-1");
    const outputs = await deploy("stack-1");
    expect(servers("stack-1")).toEqual([before]);
    await expectSuperuser(outputs.internalEndpoint.value);
    expect(await collect(arm.resources.resources.listByResourceGroup(groupName))).toHaveLength(1);
  });

  it("gives the superuser a new password when the repeat brings one", async () => {
    await deploy("stack-1");
    const body = deploymentOf("stack-1", "another-password");
    const again = await arm.deployments.deployments.createOrUpdate(groupName, "deploy-2", body, {
      updateIntervalInMs: 100,
    });
    const { internalEndpoint } = Outputs.parse(again.properties?.outputs);
    const client = new PocketBase(internalEndpoint.value).collection("_superusers");
    await client.authWithPassword("control-plane@kombify.internal", "another-password");
    await expect(client.authWithPassword("control-plane@kombify.internal", password)).rejects.toThrow();
    expect(servers("stack-1")).toHaveLength(1);
  });

  it("can be cancelled, validated, predicted, listed by operation and deleted", async () => {
    const { deployments, deploymentOperations } = arm.deployments;
    const predicted = await deployments.whatIf(groupName, "deploy-stack-1", deploymentOf("stack-1", password));
    expect(predicted.changes?.map(({ changeType }) => changeType)).toEqual(["Create"]);
    const valid = await deployments.validate(groupName, "deploy-stack-1", deploymentOf("stack-1", password));
    expect(valid.error).toBeUndefined();
    expect(instanceNames()).toEqual([]);
    await begin("stack-1");
    await deployments.cancel(groupName, "deploy-stack-1");
    expect(await provisioningState("stack-1")).toBe("Canceled");
    await waitUntil(async () => (await codeOf(begin("stack-1"))) === "no error", 20_000);
    await expectToSucceed("stack-1");
    const repeated = await deployments.whatIf(groupName, "deploy-stack-1", deploymentOf("stack-1", password));
    expect(repeated.changes?.map(({ changeType }) => changeType)).toEqual(["NoChange"]);
    const steps = await collect(deploymentOperations.list(groupName, "deploy-stack-1"));
    expect(steps.map(({ properties }) => properties?.provisioningState)).toEqual([
      "Succeeded",
      "Succeeded",
      "Succeeded",
    ]);
    expect((await deployments.checkExistence(groupName, "deploy-stack-1")).body).toBe(true);
    await deployments.delete(groupName, "deploy-stack-1");
    expect((await deployments.checkExistence(groupName, "deploy-stack-1")).body).toBe(false);
    expect(servers("stack-1")).toHaveLength(1);
  });

  it("fails with ARM's error when the program cannot run, and leaves no secret", async () => {
    await manager.end("SIGTERM");
    await startManager({ pocketbasePath: "/bin/false", pocketbaseVersion: "0.40.4" });
    const poller = arm.deployments.deployments.createOrUpdate(groupName, "deploy-x", deploymentOf("x", password), {
      updateIntervalInMs: 100,
    });
    await expect(poller).rejects.toThrow();
    const { properties } = await arm.deployments.deployments.get(groupName, "deploy-x");
    expect(properties?.error).toMatchObject({
      code: "DeploymentFailed",
      details: [{ code: "ResourceDeploymentFailure" }],
    });
    expect(JSON.stringify(properties)).not.toContain(password);
    expectNoSecretOnDisk();
  });
});

describe("a resource", () => {
  it("is found by its tag and goes with process and data when deleted by id", async () => {
    await deploy("stack-1");
    await deploy("stack-2");
    const filter = "tagName eq 'kombify-instance' and tagValue eq 'stack-1'";
    const found = await collect(arm.resources.resources.listByResourceGroup(groupName, { filter }));
    expect(found.map(({ name }) => name)).toEqual(["stack-1"]);
    const id = found[0]?.id ?? "";
    expect((await arm.resources.resources.getById(id, "2024-03-01")).tags).toEqual({ "kombify-instance": "stack-1" });

    await arm.resources.resources.beginDeleteByIdAndWait(id, "2024-03-01");

    expect(servers("stack-1")).toEqual([]);
    expect(instanceNames()).toEqual(["stack-2"]);
    expect(await codeOf(arm.resources.resources.getById(id, "2024-03-01"))).toBe("404 ResourceNotFound");
    await arm.resources.resources.beginDeleteByIdAndWait(id, "2024-03-01");
    expect(servers("stack-2")).toHaveLength(1);
  });
});

describe("a crash", () => {
  it("of PocketBase: it comes back on the same port with its data, again and again", async () => {
    const { internalEndpoint } = await deploy("stack-1");
    for (let crash = 1; crash <= 3; crash += 1) {
      const [killed] = servers("stack-1");
      process.kill(killed!.pid, "SIGKILL");
      await waitUntil(() => servers("stack-1").every(({ pid }) => pid !== killed!.pid), 5000);
      await expectHealthySoon(internalEndpoint.value);
      await expectSuperuser(internalEndpoint.value);
      expect(servers("stack-1")).toHaveLength(1);
    }
  });

  it("of the manager while an instance runs: the next one adopts the same process and watches it", async () => {
    const { internalEndpoint } = await deploy("stack-1");
    const before = servers("stack-1");
    await manager.end("SIGKILL");
    expect(await isPocketBaseHealthy(internalEndpoint.value)).toBe(true);
    await startManager();
    const pid = before[0]!.pid;
    const adopted = async (): Promise<boolean> =>
      JSON.stringify(await (await fetch(`${manager.url}/dev/instances`)).json()).includes(`"pid":${pid}`);
    expect(await waitUntil(adopted, 5000)).toBe(true);
    expect(servers("stack-1")).toEqual(before);
    process.kill(pid, "SIGKILL");
    await waitUntil(() => servers("stack-1").every((server) => server.pid !== pid), 5000);
    await expectHealthySoon(internalEndpoint.value);
    expect(servers("stack-1")).toHaveLength(1);
  });

  it("of the manager at any moment of a deployment: the next one finishes it, with one process", async () => {
    for (const [index, milliseconds] of [0, 30, 60, 100, 150, 200, 260, 330].entries()) {
      const name = `stack-${index}`;
      await begin(name);
      const killAt = performance.now() + milliseconds;
      await waitUntil(() => performance.now() >= killAt, 1000, 5);
      await manager.end("SIGKILL");
      await startManager();
      await expectToSucceed(name);
      const { internalEndpoint } = await deploy(name);
      await expectSuperuser(internalEndpoint.value);
      expect(servers(name)).toHaveLength(1);
    }
    expectNoSecretOnDisk();
  });

  it("of both, with the port taken meanwhile: the instance moves and the outputs say so", async () => {
    const { internalEndpoint } = await deploy("stack-1");
    await manager.end("SIGTERM");
    const squatter = createServer().listen(Number(new URL(internalEndpoint.value).port), "127.0.0.1");
    try {
      await startManager();
      const moved = async (): Promise<string> => {
        const { properties } = await arm.deployments.deployments.get(groupName, "deploy-stack-1");
        return Outputs.parse(properties?.outputs).internalEndpoint.value;
      };
      expect(await waitUntil(async () => (await moved()) !== internalEndpoint.value, 20_000)).toBe(true);
      await expectSuperuser(await moved());
    } finally {
      squatter.close();
    }
  });
});

describe("the end of the manager", () => {
  it("stops every PocketBase on SIGTERM and when its parent is gone, and starts them again afterwards", async () => {
    const { internalEndpoint } = await deploy("stack-1");
    await manager.end("SIGTERM");
    expect(servers("stack-1")).toEqual([]);
    await startManager();
    await expectHealthySoon(internalEndpoint.value);
    await manager.abandon();
    expect(servers("stack-1")).toEqual([]);
  });

  it("leaves groups to the next one, which also makes those of its configuration", async () => {
    await manager.end("SIGTERM");
    await startManager({ resourceGroups: [{ subscriptionId, name: "configured", location: "westeurope" }] });
    expect((await arm.resources.resourceGroups.get("configured")).location).toBe("westeurope");
    expect((await arm.resources.resourceGroups.checkExistence(groupName)).body).toBe(true);
  });

  it("is waited for: a second manager on the same data refuses to work", async () => {
    await expect(startManagerProcess({ dataDirectory, pocketbasePath })).rejects.toThrow("another resource manager");
  });
});

describe("refusals", () => {
  const nowhere = "nowhere";
  const incomplete = deploymentOf("stack-1", password);
  delete incomplete.properties.parameters?.["superuserEmail"];
  const foreign = deploymentOf("stack-1", password);
  foreign.properties.templateLink = { uri: "https://templates.example/other.json" };
  const complete = deploymentOf("stack-1", password);
  complete.properties.mode = "Complete";

  it.each([
    ["an unknown group", "404 ResourceGroupNotFound", () => arm.resources.resourceGroups.get(nowhere)],
    ["an unknown deployment", "404 DeploymentNotFound", () => arm.deployments.deployments.get(groupName, nowhere)],
    [
      "a deployment into an unknown group",
      "404 ResourceGroupNotFound",
      () => arm.deployments.deployments.createOrUpdate(nowhere, "x", deploymentOf("x", password)).submitted(),
    ],
    [
      "a missing parameter",
      "400 InvalidTemplateDeployment",
      () => arm.deployments.deployments.createOrUpdate(groupName, "x", incomplete).submitted(),
    ],
    [
      "another template",
      "400 InvalidTemplate",
      () => arm.deployments.deployments.createOrUpdate(groupName, "x", foreign).submitted(),
    ],
    [
      "the mode Complete",
      "400 InvalidTemplateDeployment",
      () => arm.deployments.deployments.createOrUpdate(groupName, "x", complete).submitted(),
    ],
    [
      "a name that leaves the directory",
      "400 InvalidTemplateDeployment",
      () => arm.deployments.deployments.createOrUpdate(groupName, "x", deploymentOf("../x", password)).submitted(),
    ],
    [
      "a cancellation of what is not there",
      "404 DeploymentNotFound",
      () => arm.deployments.deployments.cancel(groupName, nowhere),
    ],
    [
      "a filter beyond ours",
      "400 InvalidFilterInQueryString",
      () => arm.resources.resources.listByResourceGroup(groupName, { filter: "plan eq 'x'" }).next(),
    ],
    ["what is not built", "501 NotImplemented", () => arm.resources.providers.get("Microsoft.App")],
  ] as const)("%s: %s", async (_, expected, call) => {
    expect(await codeOf(Promise.resolve(call()))).toBe(expected);
    expect(instanceNames()).toEqual([]);
  });
});
