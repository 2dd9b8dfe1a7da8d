import { createHash } from "node:crypto";
import { DocumentConflict } from "../documents/document-store.ts";
import type { Clock } from "../kernel/clock.ts";
import { isoAfter } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { NewId } from "../kernel/ids.ts";
import type { DeploymentMode, Instance, Region } from "./instance.ts";
import { capacityOf, poolOf } from "./instance.ts";
import { newInstanceOperation, provisioningDeadlineMilliseconds } from "./instance-operation.ts";
import type { InstanceStore } from "./instance-store.ts";
import type { InstanceOperations, StartProvisioning } from "./ports.ts";

export interface CreateInstanceDeps {
  readonly instances: InstanceStore;
  readonly operations: InstanceOperations;
  readonly clock: Clock;
  readonly newId: NewId;
  /** The organisation whose people see the operations of instances. */
  readonly operatorOrgId: string;
}

export interface CreateInstanceCommand {
  readonly region: Region;
  readonly mode: DeploymentMode;
  readonly idempotencyKey?: string;
  readonly startProvisioning: StartProvisioning;
}

export type CreateInstance = (command: CreateInstanceCommand) => Promise<Instance>;

const newInstance = (id: string, command: CreateInstanceCommand, deps: CreateInstanceDeps): Instance => {
  const now = deps.clock();
  const createdAt = now.toISOString();
  return {
    id,
    pool: poolOf(command.region, command.mode),
    region: command.region,
    mode: command.mode,
    status: "provisioning",
    capacity: capacityOf[command.mode],
    used: 0,
    slots: {},
    internalEndpoint: null,
    publicEndpoint: null,
    version: null,
    health: "unknown",
    failure: null,
    operationId: deps.newId(),
    createdAt,
    sortKey: `${createdAt}/${id}`,
    deadlineAt: isoAfter(now, provisioningDeadlineMilliseconds),
  };
};

/** Records the instance and its operation, then starts the workflow; the reconciler starts it if a crash comes between. */
const begin = async (
  deps: CreateInstanceDeps,
  command: CreateInstanceCommand,
  instance: Instance,
): Promise<Instance> => {
  await deps.instances.create(instance);
  const { operationId: id, id: instanceId, pool } = instance;
  const operation = newInstanceOperation({ id, owner: deps.operatorOrgId, instanceId, pool }, deps.clock());
  await deps.operations.forOwner(deps.operatorOrgId).begin(operation);
  await command.startProvisioning(instanceId);
  return instance;
};

const prefixOf = ({ region, mode }: CreateInstanceCommand): string =>
  `stack-${region}-${mode === "DEDICATED" ? "d" : ""}`;

const attemptsMax = 20;

/** Provisions an instance for an operator. With an idempotency key, a repeat is answered with the first one. */
export const makeCreateInstance =
  (deps: CreateInstanceDeps): CreateInstance =>
  async (command) => {
    const pool = poolOf(command.region, command.mode);
    if (command.idempotencyKey !== undefined) {
      const digest = createHash("sha256").update(command.idempotencyKey).digest("hex").slice(0, 10);
      const id = `${prefixOf(command)}k${digest}`;
      const existing = await deps.instances.read(pool, id);
      return existing ?? begin(deps, command, newInstance(id, command, deps));
    }
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      const count = (await deps.instances.list({ pool })).length;
      try {
        return await begin(deps, command, newInstance(`${prefixOf(command)}${count + attempt}`, command, deps));
      } catch (error) {
        if (!(error instanceof DocumentConflict)) throw error;
      }
    }
    throw new DomainError("unavailable", "Too many instances are being created at once. Try again in a moment.");
  };

export type ScaleOut = (pool: string, startProvisioning: StartProvisioning) => Promise<void>;

/**
 * Starts one more instance for a pool unless one is on its way. The id counts the pool's instances, so workers that
 * find the pool full at the same moment ask for the same instance, and the document store lets one of them win.
 */
export const makeScaleOut =
  (deps: CreateInstanceDeps, region: Region): ScaleOut =>
  async (pool, startProvisioning) => {
    const members = await deps.instances.list({ pool });
    if (members.some((instance) => instance.status === "provisioning")) return;
    const command: CreateInstanceCommand = { region, mode: "SHARED", startProvisioning };
    try {
      await begin(deps, command, newInstance(`${prefixOf(command)}${members.length + 1}`, command, deps));
    } catch (error) {
      if (!(error instanceof DocumentConflict)) throw error;
    }
  };
