import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { activity, wakeEvent } from "../../functions/instances/provision-instance.names.ts";
import { provisionInstance, retireInstance } from "../../functions/instances/provision-instance.orchestrator.ts";
import { findPocketBase } from "../../local/pocketbase/find-pocketbase.ts";
import { setFaults } from "../../local/resource-manager/test-faults.ts";
import { useFleet } from "../../local/resource-manager/test-fleet.ts";
import { acceptedToken, groupName, subscriptionId } from "../../local/resource-manager/test-manager.ts";
import { openArmClients } from "../../shared/adapters/arm/clients.ts";
import { localCredential } from "../../shared/adapters/arm/credentials.ts";
import { armStackDeployments } from "../../shared/adapters/arm/stack-deployments.ts";
import { fileSecretStore } from "../../shared/adapters/files/secret-store.ts";
import { pocketBaseStacks } from "../../shared/adapters/pocketbase/stacks.ts";
import { sqliteDocumentStore } from "../../shared/adapters/sqlite/document-store.ts";
import { makeBeginRetiring } from "../../shared/instances/control-instance.ts";
import { makeCancelInstanceOperation, makeRetryInstanceOperation } from "../../shared/instances/control-operation.ts";
import { makeCreateInstance } from "../../shared/instances/create-instance.ts";
import { openUniqueNames } from "../../shared/documents/unique-names.ts";
import { openInstanceStore } from "../../shared/instances/instance-store.ts";
import type { InstanceWork } from "../../shared/instances/instance-work.ts";
import { makeFindWork } from "../../shared/instances/instance-work.ts";
import { makeProvisionInstance } from "../../shared/instances/provision-instance.ts";
import { makeRetireInstance } from "../../shared/instances/retire-instance.ts";
import { openOperationLog } from "../../shared/operations/operation-log.ts";
import { testContention } from "../support/builders.ts";
import { hubModel } from "../support/hub-model.ts";
import { operator, operatorOrgId } from "../support/instance-fleet.ts";

const { path } = await findPocketBase({ onProgress: () => undefined });
const manager = useFleet(path);
let directory = "";
let platform: ReturnType<typeof openPlatform>;

/** The instances' services over the real manager, its PocketBases and the unmodified Azure clients; timers take real time. */
const openPlatform = (root: string) => {
  const documents = sqliteDocumentStore(":memory:");
  const clock = () => new Date();
  const secrets = fileSecretStore(join(root, "secrets"));
  const credential = localCredential(acceptedToken);
  const localEndpoint = manager.manager().url;
  const deps = {
    ...{ clock, secrets, operatorOrgId, newId: randomUUID },
    instances: openInstanceStore(documents, testContention),
    names: openUniqueNames(documents, () => new Date()),
    operations: openOperationLog(documents, clock, testContention),
    stacks: pocketBaseStacks({ secrets }),
    deployments: armStackDeployments({
      clients: () => openArmClients({ subscriptionId, credential, localEndpoint }, groupName),
      templateUri: "https://templates.example/stack-instance.json",
      publicBaseUrl: "http://gateway.test",
      clock,
    }),
  };
  const provision = makeProvisionInstance(deps);
  const remove = makeRetireInstance(deps);
  const run: Readonly<Record<string, (work: InstanceWork & { readonly reason: string }) => Promise<unknown>>> = {
    [activity.check]: provision.check,
    [activity.deploy]: provision.deploy,
    [activity.await]: provision.awaitDeployment,
    [activity.prepare]: provision.prepare,
    [activity.activate]: provision.activate,
    [activity.undo]: (work) => provision.undo(work, work.reason),
    [activity.remove]: remove,
    [activity.placeWaiting]: () => Promise.resolve(),
  };
  const hub = hubModel({
    orchestrators: { "provision-instance": provisionInstance, "retire-instance": retireInstance },
    runActivity: async (name, input) => run[name]?.(input as InstanceWork & { readonly reason: string }),
    now: () => Date.now(),
    advanceTo: (time) => sleep(Math.max(0, time - Date.now())),
    isDead: () => false,
    atStep: () => Promise.resolve(),
  });
  const findWork = makeFindWork(deps);
  const workflows = {
    start: async (id: string) => {
      const found = await findWork(id);
      if (found !== undefined) await hub.start(found.kind, found.work.operationId, found.work);
    },
    wake: async (id: string) => {
      const found = await findWork(id);
      if (found !== undefined) await hub.raise(found.work.operationId, wakeEvent);
    },
  };
  const create = makeCreateInstance(deps);
  const [cancel, retry] = [makeCancelInstanceOperation(deps), makeRetryInstanceOperation(deps)];
  const retire = makeBeginRetiring(deps);
  return {
    hub,
    create: () => create({ region: "westeurope", mode: "DEDICATED", startProvisioning: workflows.start }),
    cancel: (id: string) => cancel(operator, id, workflows),
    retry: (id: string) => retry(operator, id, workflows),
    retire: (id: string) => retire(id, workflows.start),
    async seen(id: string) {
      const instance = await deps.instances.find(id);
      const operation = await deps.operations.forOwner(operatorOrgId).find(instance?.operationId ?? "");
      return { instance, operation };
    },
  };
};

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "provisioning-"));
  platform = openPlatform(directory);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const faults = (...rules: readonly unknown[]): Promise<void> => setFaults(manager.manager().url, rules);
const secretsLeft = (): Promise<readonly string[]> => readdir(join(directory, "secrets"));
const deployments = async (): Promise<number> => {
  let count = 0;
  for await (const _ of manager.arm().deployments.deployments.listByResourceGroup(groupName)) count += 1;
  return count;
};

const expectNothingLeft = async (id: string): Promise<void> => {
  expect(manager.instanceNames()).not.toContain(id);
  expect(manager.servers(id)).toEqual([]);
  expect(await secretsLeft()).toEqual([]);
  expect(await deployments()).toBe(0);
};

test("an instance is planned, deployed, readied, put into service and retired, and nothing is left of it", async () => {
  const { id } = await platform.create();
  await platform.hub.run();
  const { instance, operation } = await platform.seen(id);
  expect(instance).toMatchObject({ status: "active", version: "0.40.4", failure: null });
  expect(operation).toMatchObject({ status: "succeeded", plan: expect.stringContaining("1 to create") as unknown });
  expect(operation?.steps.every(({ state, at }) => state === "done" && at !== null)).toBe(true);
  expect((await fetch(`${instance?.internalEndpoint ?? ""}/api/health`)).status).toBe(200);
  expect(await secretsLeft()).toHaveLength(2);

  await platform.retire(id);
  await platform.hub.run();
  expect(await platform.seen(id)).toMatchObject({
    instance: { status: "retired" },
    operation: { status: "succeeded" },
  });
  await expectNothingLeft(id);
});

test("what fails half-way is removed, with the innermost cause kept, and can be retried", async () => {
  const fault = { kind: "failed-step", step: "start-server", code: "ContainerAppOperationError", message: "No image." };
  await faults({ match: { operation: "deploy" }, fault, times: 1 });
  const { id } = await platform.create();
  await platform.hub.run();
  const { instance, operation } = await platform.seen(id);
  expect(instance).toMatchObject({ status: "failed", failure: "ContainerAppOperationError: No image." });
  expect(operation).toMatchObject({ status: "failed", error: { detail: "ContainerAppOperationError: No image." } });
  await expectNothingLeft(id);

  const [again, same] = await Promise.all([platform.retry(operation?.id ?? ""), platform.retry(operation?.id ?? "")]);
  expect(again.id).toBe(same.id);
  await platform.hub.run();
  expect(await platform.seen(id)).toMatchObject({ instance: { status: "active", failure: null } });
});

test("cancelled while it is deployed slowly, it stops at once and leaves nothing", async () => {
  await faults({
    match: { operation: "deploy" },
    fault: { kind: "slow-steps", milliseconds: 4_000, retryAfterSeconds: 20 },
  });
  const { id, operationId } = await platform.create();
  const running = platform.hub.run();
  await expect
    .poll(async () => (await platform.seen(id)).operation?.steps[1]?.state, { timeout: 20_000 })
    .toBe("running");
  await platform.cancel(operationId);
  await running;
  const { instance, operation } = await platform.seen(id);
  expect(instance).toMatchObject({ status: "failed", failure: "Cancelled by an operator." });
  expect(operation).toMatchObject({ status: "cancelled", error: { code: "cancelled" } });
  await expectNothingLeft(id);
});

test("throttling, server errors, garbage, torn connections and lost acceptance delay it and change nothing else", async () => {
  await faults(
    { match: { operation: "whatIf" }, fault: { kind: "throttled", retryAfterSeconds: 2 }, times: 1 },
    { match: { operation: "deploy" }, fault: { kind: "lost" }, times: 1 },
    { match: { operation: "deploy" }, fault: { kind: "reset", when: "after" }, times: 1 },
    { match: { operation: "get" }, fault: { kind: "server-error", status: 503 }, times: 1 },
    { match: { operation: "get" }, fault: { kind: "garbage", body: "html" }, times: 1 },
    ...["whatIf", "deploy", "poll"].map((operation) => ({
      ...{ match: { operation }, fault: { kind: "garbage", body: "truncated-json" }, times: 1 },
    })),
  );
  const { id } = await platform.create();
  await platform.hub.run();
  expect(await platform.seen(id)).toMatchObject({ instance: { status: "active" }, operation: { status: "succeeded" } });
  expect(await deployments()).toBe(1);
});

test("a refusal for want of quota is told as it is, and costs nothing", async () => {
  await faults({ match: { operation: "whatIf" }, fault: { kind: "quota-exceeded" } });
  const { id } = await platform.create();
  await platform.hub.run();
  const { instance } = await platform.seen(id);
  expect(instance).toMatchObject({ status: "failed", failure: expect.stringMatching(/^QuotaExceeded: /) as unknown });
  await expectNothingLeft(id);
});
