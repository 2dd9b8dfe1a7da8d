import { randomUUID } from "node:crypto";
import { InvocationContext } from "@azure/functions";
import {
  isOfInstances,
  orchestrator,
  wakeEvent,
  workflowIdOf,
} from "../../functions/instances/provision-instance.names.ts";
import { provisionInstanceActivities } from "../../functions/instances/provision-instance.activities.ts";
import { provisionInstance, retireInstance } from "../../functions/instances/provision-instance.orchestrator.ts";
import { armStackDeployments } from "../../shared/adapters/arm/stack-deployments.ts";
import { sqliteDocumentStore } from "../../shared/adapters/sqlite/document-store.ts";
import { makeBeginRetiring, makeSetDraining } from "../../shared/instances/control-instance.ts";
import { makeCancelInstanceOperation, makeRetryInstanceOperation } from "../../shared/instances/control-operation.ts";
import { openUniqueNames } from "../../shared/documents/unique-names.ts";
import type { CreateInstanceCommand } from "../../shared/instances/create-instance.ts";
import { makeCreateInstance } from "../../shared/instances/create-instance.ts";
import { openInstanceStore } from "../../shared/instances/instance-store.ts";
import { makeFindWork } from "../../shared/instances/instance-work.ts";
import { makeProvisionInstance } from "../../shared/instances/provision-instance.ts";
import { makeReconcileInstances } from "../../shared/instances/reconcile-instances.ts";
import { makeRetireInstance } from "../../shared/instances/retire-instance.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import { openOperationLog } from "../../shared/operations/operation-log.ts";
import type { SecretStore } from "../../shared/secrets/secret-store.ts";
import type { Stacks } from "../../shared/stack/stack.ts";
import type { ArmScenario } from "./arm-model.ts";
import { armModel } from "./arm-model.ts";
import { aCaller, testContention } from "./builders.ts";
import { crashingStore } from "./crashing-store.ts";
import { hubModel } from "./hub-model.ts";

/** Where the process is killed: at its n-th write, outside call or workflow step from its start on. */
export interface Death {
  readonly where: "document" | "outside" | "step";
  readonly at: number;
  readonly moment: "before" | "after";
}

export interface FleetScenario {
  readonly arm: ArmScenario;
  /** Tries a deployed instance needs until it is ready; a very large number: never. */
  readonly readyAfter: number;
}

export const operatorOrgId = "300000000000000100";
export const operator = aCaller({ orgId: operatorOrgId, isOperator: true });

/** A process that dies where it is told to, and stays dead until it is revived. */
const mortality = (killDocuments: () => void) => {
  let death: Death | undefined;
  let count = 0;
  let isDead = false;
  const die = (): never => {
    isDead = true;
    killDocuments();
    throw new Error("killed");
  };
  return {
    arm(next: Death | undefined) {
      [death, count, isDead] = [next, 0, false];
    },
    isDead: () => isDead,
    pass(where: Death["where"], moment: Death["moment"]): void {
      if (isDead) die();
      if (death?.where !== where) return;
      if (moment === "before") count += 1;
      if (count === death.at && death.moment === moment) die();
    },
  };
};

/** The instances' services, activities and workflows on a real (in-memory) document store; ARM, secrets and Stacks are models. */
export const anInstanceFleet = (scenario: FleetScenario) => {
  let now = Date.UTC(2026, 0, 1);
  let stepCount = 0;
  let onStep: (count: number) => Promise<void> = () => Promise.resolve();
  const clock = () => new Date(now);
  const documents = crashingStore(sqliteDocumentStore(":memory:"));
  const life = mortality(() => documents.dieAt(1, "before"));
  const mortal = async <T>(act: () => Promise<T>): Promise<T> => {
    life.pass("outside", "before");
    const result = await act();
    life.pass("outside", "after");
    return result;
  };
  const arm = armModel(scenario.arm, () => now, mortal);
  const kept = new Map<string, string>();
  const everKept = new Set<string>();
  const secrets: SecretStore = {
    read: (name) => mortal(() => Promise.resolve(kept.get(name))),
    createIfAbsent: (name, value) =>
      mortal(() => {
        if (!kept.has(name)) kept.set(name, value);
        everKept.add(kept.get(name) ?? value);
        return Promise.resolve(kept.get(name) ?? value);
      }),
    remove: (name) => mortal(() => Promise.resolve(void kept.delete(name))),
  };
  let [looks, readyings] = [0, 0];
  /** Answers after a while, and gets stuck the first time it is readied. */
  const isReady = (): Promise<boolean> => {
    looks += 1;
    return Promise.resolve(arm.hasApp() && looks > scenario.readyAfter);
  };
  const prepare = (): Promise<void> => {
    readyings += 1;
    return readyings > 1 ? Promise.resolve() : Promise.reject(new DomainError("stack-unavailable", "It is stuck."));
  };
  const stacks: Stacks = {
    at: () => ({
      isReady: () => mortal(isReady),
      prepare: () => mortal(prepare),
      createTenantSpace: () => Promise.resolve(),
      changeLimits: () => Promise.resolve(true),
      openSession: () => Promise.resolve({ kind: "tenant-unknown" }),
      endSessions: () => Promise.resolve(),
      changeRole: () => Promise.resolve(),
      suspendTenant: () => Promise.resolve(),
      resumeTenant: () => Promise.resolve(),
    }),
  };
  const instances = openInstanceStore(documents, testContention);
  const operations = openOperationLog(documents, clock, testContention);
  const deployments = armStackDeployments({
    clients: () => Promise.resolve(arm.clients),
    templateUri: "https://templates.example/stack-instance.json",
    publicBaseUrl: "https://kombify.example",
    clock,
  });
  const deps = { instances, operations, deployments, stacks, secrets, clock, operatorOrgId, newId: randomUUID };
  const findWork = makeFindWork(deps);
  const activities = provisionInstanceActivities({
    provision: makeProvisionInstance(deps),
    retireInstance: makeRetireInstance(deps),
    reconcileTenants: () => Promise.resolve(0),
    scaleOutOf: () => () => Promise.resolve(),
  });
  const hub = hubModel({
    orchestrators: { "provision-instance": provisionInstance, "retire-instance": retireInstance },
    runActivity: (name, input) => {
      const found = activities.find((activity) => activity.name === name);
      if (found === undefined) throw new Error(`There is no activity ${name}.`);
      return found.run(input, new InvocationContext());
    },
    now: () => now,
    advanceTo: (time) => {
      now = Math.max(now, time);
    },
    isDead: () => life.isDead() || documents.isDead(),
    async atStep(moment) {
      life.pass("step", moment);
      if (moment === "before") await onStep((stepCount += 1));
    },
  });
  const start = async (instanceId: string): Promise<void> => {
    const found = await findWork(instanceId);
    if (found === undefined || !isOfInstances(found.kind)) return;
    await hub.start(orchestrator[found.kind], workflowIdOf(found.work.operationId), found.work);
  };
  const wake = async (instanceId: string): Promise<void> => {
    const found = await findWork(instanceId);
    if (found !== undefined) await hub.raise(workflowIdOf(found.work.operationId), wakeEvent);
  };
  const workflows = { start, wake };
  const cancel = makeCancelInstanceOperation(deps);
  const retry = makeRetryInstanceOperation(deps);
  const beginRetiring = makeBeginRetiring(deps);
  return {
    arm,
    hub,
    instances,
    operations: operations.forOwner(operatorOrgId),
    secretsLeft: () => [...kept.keys()].sort(),
    secretsEver: () => [...everKept],
    create: (change: Partial<Pick<CreateInstanceCommand, "region" | "mode" | "idempotencyKey">> = {}) =>
      makeCreateInstance({ ...deps, names: openUniqueNames(documents, clock) })({
        ...{ region: "westeurope", mode: "SHARED", idempotencyKey: "key", ...change },
        startProvisioning: start,
      }),
    cancel: (id: string, caller = operator) => cancel(caller, id, workflows),
    retry: (id: string, caller = operator) => retry(caller, id, workflows),
    retire: (id: string) => beginRetiring(id, start),
    setDraining: makeSetDraining(deps),
    reconcile: () => makeReconcileInstances({ ...deps, claimOf: () => Promise.resolve(undefined) })(start),
    advance: (milliseconds: number) => (now += milliseconds),
    elapsedSeconds: () => (now - Date.UTC(2026, 0, 1)) / 1000,
    onStep: (act: typeof onStep) => (onStep = act),
    /** Starts the process (again), to be killed as told. */
    live(death: Death | undefined) {
      documents.revive();
      life.arm(death);
      if (death?.where === "document") documents.dieAt(death.at, death.moment);
    },
  };
};
