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
    version: null,
    health: "unknown",
    failure: null,
    operationId: deps.newId(),
    createdAt,
    sortKey: `${createdAt}/${id}`,
    deadlineAt: isoAfter(now, provisioningDeadlineMilliseconds),
  };
};

/**
 * Records the instance and its operation, then starts the workflow; the reconciler starts it if a crash comes between.
 * @throws DocumentConflict when the id is taken
 */
export const beginInstance = async (
  deps: CreateInstanceDeps,
  command: CreateInstanceCommand,
  id: string,
): Promise<Instance> => {
  const instance = newInstance(id, command, deps);
  await deps.instances.create(instance);
  const { operationId, pool } = instance;
  const subject = { id: operationId, owner: deps.operatorOrgId, instanceId: id, pool };
  await deps.operations.forOwner(deps.operatorOrgId).begin(newInstanceOperation(subject, deps.clock()));
  await command.startProvisioning(id);
  return instance;
};

const prefixOf = ({ region, mode }: Pick<CreateInstanceCommand, "region" | "mode">): string =>
  `stack-${region}-${mode === "DEDICATED" ? "d" : ""}`;

const numberOf = (id: string, prefix: string): number => {
  const tail = id.startsWith(prefix) ? id.slice(prefix.length) : "";
  return /^\d{1,9}$/.test(tail) ? Number(tail) : 0;
};

/**
 * Ids that follow on the highest number any member had, so that nobody gets the id of one that failed or is gone, and
 * workers that have seen the same members ask for the same ids. Ids without a number (made from a key) do not count.
 */
export const nextIds = (
  place: Pick<CreateInstanceCommand, "region" | "mode">,
  members: readonly Pick<Instance, "id">[],
  count: number,
): readonly string[] => {
  const prefix = prefixOf(place);
  const highest = members.reduce((most, { id }) => Math.max(most, numberOf(id, prefix)), 0);
  return Array.from({ length: count }, (_, index) => `${prefix}${highest + 1 + index}`);
};

/** Of two requests with one key that meet, one begins and the other is answered with what it began. */
const beginOnce = async (deps: CreateInstanceDeps, command: CreateInstanceCommand, id: string): Promise<Instance> => {
  try {
    return await beginInstance(deps, command, id);
  } catch (error) {
    const winner =
      error instanceof DocumentConflict
        ? await deps.instances.read(poolOf(command.region, command.mode), id)
        : undefined;
    if (winner === undefined) throw error;
    return winner;
  }
};

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
      return existing ?? beginOnce(deps, command, id);
    }
    for (const id of nextIds(command, await deps.instances.members(pool), attemptsMax)) {
      try {
        return await beginInstance(deps, command, id);
      } catch (error) {
        if (!(error instanceof DocumentConflict)) throw error;
      }
    }
    throw new DomainError("unavailable", "Too many instances are being created at once. Try again in a moment.");
  };
