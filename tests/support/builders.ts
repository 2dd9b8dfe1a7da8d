import { setTimeout as sleep } from "node:timers/promises";
import type { Caller } from "../../shared/gateway/caller.ts";
import type { Instance } from "../../shared/instances/instance.ts";
import { Instance as InstanceSchema, poolOf } from "../../shared/instances/instance.ts";
import type { RetryPolicy } from "../../shared/kernel/retry.ts";

export const aPool = poolOf("westeurope", "SHARED");

/** An active shared instance without tenants; parsed by the real schema, so that it can exist. */
export const anInstance = (change: Partial<Instance> = {}): Instance =>
  InstanceSchema.parse({
    id: "stack-westeurope-1",
    pool: aPool,
    region: "westeurope",
    mode: "SHARED",
    status: "active",
    capacity: 50,
    used: 0,
    slots: {},
    internalEndpoint: "http://127.0.0.1:1",
    version: "0.40.4",
    failure: null,
    operationId: "operation-1",
    createdAt: "2026-01-01T00:00:00.000Z",
    sortKey: "2026-01-01T00:00:00.000Z/stack-westeurope-1",
    deadlineAt: "2026-01-01T00:30:00.000Z",
    ...change,
  });

export const aCaller = (change: Partial<Caller> = {}): Caller => ({
  sub: "300000000000001101",
  email: "ada@acme.example",
  name: "Ada Archer",
  orgId: "300000000000000101",
  orgName: "Acme",
  isOrganisationAdmin: true,
  isOperator: false,
  ...change,
});

/** Real pauses, but short ones: contention in tests is real too. */
export const testContention: RetryPolicy = {
  attemptsMax: 200,
  pauseMillisecondsMax: 20,
  random: Math.random,
  sleep: (milliseconds) => sleep(milliseconds),
};
