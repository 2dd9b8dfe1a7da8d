import { createHash } from "node:crypto";
import { DocumentConflict } from "../documents/document-store.ts";
import type { UniqueNames } from "../documents/unique-names.ts";
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

interface KnownKeys {
  readonly names: Pick<UniqueNames, "reserve">;
}

const attemptsMax = 20;
const keyKeptMilliseconds = 366 * 24 * 60 * 60_000;

/** The key stands for its first request, wherever that was to be: one document decides, also for requests that meet. */
const createOnce = async (
  deps: CreateInstanceDeps & KnownKeys,
  command: CreateInstanceCommand,
  key: string,
): Promise<Instance> => {
  const pool = poolOf(command.region, command.mode);
  const digest = createHash("sha256").update(key).digest("hex");
  if (!(await deps.names.reserve(`instance-key:${digest}`, pool, isoAfter(deps.clock(), keyKeptMilliseconds)))) {
    const detail = "This Idempotency-Key was used for a different request. Send another request with a key of its own.";
    throw new DomainError("idempotency-key-reused", detail);
  }
  const id = `${prefixOf(command)}k${digest.slice(0, 10)}`;
  return (await deps.instances.read(pool, id)) ?? beginOnce(deps, command, id);
};

/**
 * Provisions an instance for an operator. With an idempotency key, a repeat is answered with the first one.
 * @throws DomainError `idempotency-key-reused` (the key came with another region or mode), `unavailable`
 */
export const makeCreateInstance =
  (deps: CreateInstanceDeps & KnownKeys): CreateInstance =>
  async (command) => {
    if (command.idempotencyKey !== undefined) return createOnce(deps, command, command.idempotencyKey);
    const pool = poolOf(command.region, command.mode);
    for (const id of nextIds(command, await deps.instances.members(pool), attemptsMax)) {
      try {
        return await beginInstance(deps, command, id);
      } catch (error) {
        if (!(error instanceof DocumentConflict)) throw error;
      }
    }
    throw new DomainError("unavailable", "Too many instances are being created at once. Try again in a moment.");
  };
